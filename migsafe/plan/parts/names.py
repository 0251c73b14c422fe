"""What migrations of a plan are called, and how the schema is named in their SQL."""

import re

from migsafe.actions import Name
from migsafe.sql.catalog import Catalog


def words(*parts: str) -> str:
    """The name of a migration, without number: ``order_email_unique``, whatever characters the parts have.

    As long as Django lets its own suggestions be (``Migration.suggest_name``).
    """
    return re.sub(r"\W+|_+", "_", "_".join(part for part in parts if part)).strip("_").lower()[:52].rstrip("_")


def shown(name: Name, catalog: Catalog) -> Name:
    """A name of the catalog without its schema, if that is on the search path."""
    return Name(name.name) if name.schema in catalog.search_path else name
