"""What each action changes in the schema.

A function takes the catalog and an action and returns the catalog after it. What the server would refuse, or what is
about a relation that is not known, changes nothing. Participles (``column_dropped``) are the steps they are made of.
"""

from migsafe.sql.changes import columns, constraints, objects, tables  # noqa: F401 (they register changes)
from migsafe.sql.changes.storage import CHANGES

__all__ = ["CHANGES"]
