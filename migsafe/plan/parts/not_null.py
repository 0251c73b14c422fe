"""NOT NULL without reading the table under a lock that keeps anybody out."""

from collections.abc import Sequence
from itertools import count

from migsafe.actions import Name
from migsafe.plan.recipe import NoWay, Piece, Work
from migsafe.sql.names import made_of
from migsafe.written.operations import quoted, run_sql, separate, soon

PROVEN_BY_CHECK = 12
"""PostgreSQL from which on SET NOT NULL takes a valid CHECK for proof."""
NOT_VALID = 18
"""PostgreSQL from which on NOT NULL itself can be NOT VALID."""

TOO_OLD = NoWay(
    why=(
        "before PostgreSQL 12 SET NOT NULL reads the whole table while nobody can read or write it, whatever CHECK"
        " constraint there is"
    ),
    instead=(
        "Leave the column nullable, fill it, and keep `CHECK (… IS NOT NULL)`, added NOT VALID and validated in a"
        " later migration, until the server is PostgreSQL 12 or later. Or choose a quiet time, with a `lock_timeout`:"
        " it takes as long as reading the table once."
    ),
)


def set_not_null(
    work: Work, relation: Name, column: str, *, name: str, state: Sequence[str], database: Sequence[str] = ()
) -> Piece:
    """A migration that makes a column NOT NULL, whose rows are all filled.

    Needs PostgreSQL 12 (`TOO_OLD`).

    Args:
        name: Of the migration.
        state: Source of the operations that say so to Django.
        database: Source of what is done with it, afterwards.
    """
    table, own = quoted(relation), quoted(column)
    alter = f"ALTER TABLE {table}\nALTER COLUMN {own}"
    if work.postgres >= NOT_VALID:
        # Under the name that SET NOT NULL would give it.
        proof, constraint = quoted(_free(work, relation, column, "not_null")), f"NOT NULL {own}"
        last = []
    else:
        proof, constraint = quoted(_free(work, relation, column, "proof")), f"CHECK ({own} IS NOT NULL)"
        last = [soon(f"{alter} SET NOT NULL"), soon(f"ALTER TABLE {table}\nDROP CONSTRAINT {proof}")]
    statements = [
        soon(f"ALTER TABLE {table}\nDROP CONSTRAINT IF EXISTS {proof},\nADD CONSTRAINT {proof} {constraint} NOT VALID"),
        f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {proof}",
        *last,
    ]
    operations = [run_sql(statements, soon(f"{alter} DROP NOT NULL")), *database]
    return Piece(
        operations=(separate(database=operations, state=list(state)),) if state else tuple(operations),
        name=name,
        why=(
            "The rows are read by VALIDATE, while everybody reads and writes; each statement commits by itself, so that"
            " no lock is held meanwhile. If a lock is not to be had soon, this fails: try again."
        ),
        atomic=False,
        imports=work.imports,
        codes=work.codes,
    )


def _free(work: Work, relation: Name, column: str, label: str) -> str:
    """A name for a constraint that the table has not, numbered as the server does."""
    known = work.catalog.table(relation)
    taken = known.constraints if known else {}
    names = (made_of(relation.name, column, f"{label}{number or ''}") for number in count())
    return next(name for name in names if name not in taken)
