"""Migrations on a real server: applied, used by old and new code, unapplied, and applied again."""
