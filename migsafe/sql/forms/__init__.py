"""Action + schema → forms of the lock table, and which relations play which role.

What a form costs is for the table to say.
"""

from migsafe.sql.forms import (  # noqa: F401 (they register handlers)
    columns,
    constraints,
    data,
    indexes,
    objects,
    partitions,
    tables,
)
from migsafe.sql.forms.registry import HANDLERS, Form, Roles, Server

__all__ = ["HANDLERS", "Form", "Roles", "Server"]
