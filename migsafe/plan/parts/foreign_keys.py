"""A foreign key without reading either table under a lock that keeps anybody from writing."""

from collections.abc import Sequence

from msgspec.structs import replace

from migsafe.actions import Constraint, Name
from migsafe.plan.parts.constraints import NOT_VALID, VALIDATED
from migsafe.plan.recipe import NoWay, Piece
from migsafe.sql.catalog import Catalog
from migsafe.written.definitions import constraint_definition, shown
from migsafe.written.operations import BEFORE_DEADLOCK, quoted, run_sql
from migsafe.written.partitions import is_partitioned

NOT_VALID_ON_PARTITIONS = 18
"""PostgreSQL from which on the foreign key of a partitioned table can be NOT VALID."""

PARTITIONED = NoWay(
    why=(
        "before PostgreSQL 18 a foreign key of a partitioned table cannot be NOT VALID: it is checked while nobody can"
        " write to either table"
    ),
    instead=(
        "Add the foreign key NOT VALID to each partition, and validate it there in a later migration. Then add it to"
        " the partitioned table: it takes those of the partitions over and reads no row."
    ),
)


def foreign_key(
    relation: Name, constraint: Constraint, before: Catalog, *, postgres: int, name: str
) -> Sequence[Piece] | NoWay:
    """Two migrations for a foreign key: for new rows, then for all.

    Both tables are locked against writes for a moment when it is added: so that gives up soon.

    Args:
        constraint: With a name.
        before: The schema without it.
        name: Of the first migration.
    """
    if is_partitioned(relation, before) and postgres < NOT_VALID_ON_PARTITIONS:
        return PARTITIONED
    assert constraint.references is not None
    own = replace(constraint, references=shown(constraint.references, before))
    table, key = quoted(relation), quoted(constraint.name or "")
    parent = before.display(before.locate(constraint.references))
    add = f"ALTER TABLE {table}\nADD {constraint_definition(own, valid=False)}"
    drop = f"ALTER TABLE {table}\nDROP CONSTRAINT {key}"
    return (
        Piece(
            operations=(run_sql([BEFORE_DEADLOCK, add], [BEFORE_DEADLOCK, drop]),),
            name=name,
            why=(
                f"{NOT_VALID} Nobody can write to {parent} for a moment; if its lock is not to be had soon, this fails:"
                " try again."
            ),
        ),
        Piece(
            operations=(run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {key}", None),),
            name=f"validate_{name}",
            why=VALIDATED,
        ),
    )
