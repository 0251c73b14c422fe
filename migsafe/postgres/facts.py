"""THE lock table: what each form of a statement costs on each major version of PostgreSQL.

Every other part of migsafe asks here; none states a lock itself. Each row carries the place in PostgreSQL's manual it
rests on and a probe: ``tests/postgres/test_facts.py`` runs the probe on real servers and compares what they do with
what is predicted from the row.

A statement may have several forms at once (``ADD COLUMN … DEFAULT 1 REFERENCES p``): their costs add up. A form without
a row for a version does not exist in that version.
"""

from migsafe.postgres.rows import columns, constraints, data, indexes, objects, partitions, tables
from migsafe.postgres.rows.row import NEWEST, OLDEST, Fact, Probe, Role

__all__ = [
    "FACTS",
    "MAINTENANCE_OF_CHILDREN",
    "NEWEST",
    "OLDEST",
    "QUERIES_LOCK_PARTITIONED_INDEXES",
    "Fact",
    "Probe",
    "Role",
    "fact",
    "first_version",
]

QUERIES_LOCK_PARTITIONED_INDEXES = 16
"""First major version in which a query locks a partitioned table's own indexes, not only those of its partitions."""

MAINTENANCE_OF_CHILDREN = 18
"""First major version in which VACUUM and ANALYZE go down to tables that inherit."""

FACTS = (
    *columns.ROWS,
    *constraints.ROWS,
    *indexes.ROWS,
    *tables.ROWS,
    *partitions.ROWS,
    *objects.ROWS,
    *data.ROWS,
)

_BY_FORM: dict[tuple[str, int], Fact] = {
    (row.form, version): row for row in FACTS for version in range(row.since, row.until + 1)
}
_SINCE: dict[str, int] = {}
for _row in FACTS:
    _SINCE[_row.form] = min(_row.since, _SINCE.get(_row.form, NEWEST))


def fact(form: str, postgres: int) -> Fact | None:
    """The row for a form on a major version; None when that version does not have it.

    Raises:
        KeyError: The table has no such form.
    """
    row = _BY_FORM.get((form, postgres))
    if row is None and form not in _SINCE:
        raise KeyError(form)
    return row


def first_version(form: str) -> int:
    """First major version that has the form's syntax."""
    return _SINCE[form]
