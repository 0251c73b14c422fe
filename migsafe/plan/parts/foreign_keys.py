"""A foreign key without reading either table under a lock that keeps anybody from writing."""

from collections.abc import Iterator

from migsafe.actions import Constraint, Name
from migsafe.plan.recipe import Piece, Work
from migsafe.written.operations import GIVE_UP, quoted, run_sql


def foreign_key(work: Work, relation: Name, constraint: Constraint) -> Iterator[Piece]:
    """The migrations that add one that has a name.

    Both tables are locked against writes for a moment when it is added: so that gives up soon.
    """
    table, name, parent = quoted(relation), quoted(constraint.name or ""), constraint.references
    assert parent is not None
    columns = ", ".join(map(quoted, constraint.columns))
    target = f" ({', '.join(map(quoted, constraint.referenced_columns))})" if constraint.referenced_columns else ""
    actions = "".join(
        f" ON {event} {what.upper()}"
        for event, what in (("DELETE", constraint.on_delete), ("UPDATE", constraint.on_update))
        if what != "no action"
    )
    deferrable = " DEFERRABLE" * constraint.deferrable + " INITIALLY DEFERRED" * constraint.initially_deferred
    add = (
        f"ALTER TABLE {table}\nADD CONSTRAINT {name}\n"
        f"FOREIGN KEY ({columns}) REFERENCES {quoted(parent)}{target}{actions}{deferrable} NOT VALID"
    )
    yield Piece(
        operations=(run_sql([GIVE_UP, add], f"ALTER TABLE {table}\nDROP CONSTRAINT {name}"),),
        name=f"{constraint.name}",
        why=(
            f"It holds for what is written from now on; no row is read. {parent.name} is locked against writes for a"
            " moment, so it gives up soon if it cannot have that: run it again."
        ),
        codes=work.codes,
    )
    yield Piece(
        operations=(run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {name}", None),),
        name=f"validate_{constraint.name}",
        why="All rows are looked up while everybody reads and writes, which takes a transaction of its own.",
        codes=work.codes,
    )
