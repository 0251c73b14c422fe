"""What rules ask about foreign keys."""

from migsafe.actions import Constraint, Name
from migsafe.sql.catalog import Catalog


def is_indexed(foreign_key: Constraint, relation: Name, catalog: Catalog) -> bool:
    """Whether an index finds the rows that refer to a row: one that starts with the foreign key's columns."""
    columns = set(foreign_key.columns)
    return any(
        set(index.columns[: len(columns)]) == columns
        and index.method in ("btree", "hash")
        and (index.where is None or index.where.sql in (f"{column} IS NOT NULL" for column in columns))
        for index in catalog.indexes(relation)
    )
