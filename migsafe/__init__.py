"""Migration safety analyzer and zero-downtime planner for Django on PostgreSQL."""

__version__ = "0.1.0"
