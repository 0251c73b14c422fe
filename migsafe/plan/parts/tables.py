"""Tables that are dropped when no running code knows them any more."""

from collections.abc import Sequence

from msgspec.structs import replace

from migsafe.actions import Constraint, DropTable
from migsafe.plan.parts.foreign_keys import NOT_VALID_ON_PARTITIONS, PARTITIONED
from migsafe.plan.parts.leaving import alter, drop_followed, follow, foreign_keys, told_of_following
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Stage, Way, Work
from migsafe.sql.catalog import Table
from migsafe.written.definitions import create_table, shown
from migsafe.written.operations import quoted, separate


def forget_tables(work: Work, label: str, duty: Duty) -> Planned:
    """Take what an operation drops tables of out of the models in one deploy, and drop the tables in the next.

    Args:
        label: What it is about, as names of migrations say it.
    """
    found = [work.catalog.table(action.relation) for _, action in work.actions() if isinstance(action, DropTable)]
    tables = [table for table in found if table]
    if not tables or work.written is None:
        return None
    for table in tables:
        if views := work.catalog.views_reading(table.name):
            why = f"view {views[0].name.name} reads {table.name.name}, and would be dropped with it"
            return NoWay(why=why, instead="Drop or change the view first, in a migration of its own, and plan again.")
    keys = _keys(tables, work)
    if work.postgres < NOT_VALID_ON_PARTITIONS and any(table.kind == "partitioned table" for table, _ in keys):
        return PARTITIONED
    follows = [_follow(table, key, work) for table, key in keys[:-1]]
    unused = {table.name for table in tables}
    drops = [_drop_key(table, key, work, unused=table.name in unused) for table, key in keys]
    return Way(
        stages=(
            Stage(
                kind="expand",
                pieces=(*follows, _forget(work, label, tables, keys[-1:])),
                duties=(duty,),
            ),
            Stage(kind="contract", pieces=(*drops, _drop(work, label, tables)), late=True),
        ),
    )


def _keys(tables: Sequence[Table], work: Work) -> list[tuple[Table, Constraint]]:
    """Foreign keys of the tables and to them, each with its table: code that does not know of them trips on them."""
    own = [(table, key) for table in tables for key in foreign_keys(table)]
    names = {table.name for table in tables}
    others = [
        (referrer, key)
        for table in tables
        for referrer, key in work.catalog.referencing(table.name)
        if referrer.name not in names
    ]
    return own + others


def _follow(table: Table, key: Constraint, work: Work) -> Piece:
    return Piece(
        operations=(follow(table, key, work.catalog),),
        name=words(table.name.name, *key.columns, "follows"),
        why=told_of_following(table, key),
        codes=work.codes,
    )


def _drop_key(table: Table, key: Constraint, work: Work, *, unused: bool) -> Piece:
    """A migration that drops a foreign key.

    Args:
        unused: Whether code does not know the table. Then whoever locks it has deleted rows that it refers to, and
            locks it last: so does this.
    """
    first = key.references if unused and key.references != table.name else None
    name = words("drop", table.name.name, *key.columns, "key")
    return drop_followed(table, key, work.catalog, name=name, codes=work.codes, first=first)


def _forget(work: Work, label: str, tables: Sequence[Table], keys: Sequence[tuple[Table, Constraint]]) -> Piece:
    assert work.written is not None
    names = " and ".join(table.name.name for table in tables)
    whys = [f"Leaves the models only: running code still uses {names}.", *(told_of_following(*key) for key in keys)]
    database = [follow(table, key, work.catalog) for table, key in keys]
    return Piece(
        operations=(separate(database=database, state=[work.written.code]),),
        name=f"remove_{label}",
        why=" ".join(whys),
        imports=work.imports,
        codes=work.codes,
    )


def _drop(work: Work, label: str, tables: Sequence[Table]) -> Piece:
    operations, lost = [], False
    for table in tables:
        again = create_table(replace(table, constraints=_without_keys(table)), work.catalog)
        lost = lost or again is None
        operations.append(alter([f"DROP TABLE IF EXISTS {quoted(shown(table.name, work.catalog))}"], again or ()))
    names = " and ".join(table.name.name for table in tables)
    back = f"{names} cannot be made again." if lost else f"{names} is there again, but empty."
    return Piece(
        operations=tuple(operations),
        name=f"drop_{label}",
        why=f"No running code knows {names} any more. Unapplied, {back}",
        codes=work.codes,
    )


def _without_keys(table: Table) -> dict[str, Constraint]:
    keys = foreign_keys(table)
    return {name: one for name, one in table.constraints.items() if one not in keys}
