"""What is left in the database while new code no longer knows it: it must not stand in that code's way."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import structs
from msgspec.structs import replace

from migsafe.actions import Constraint, ConstraintKind, Expression, Name
from migsafe.plan.parts.foreign_keys import NOT_VALID_ON_PARTITIONS, PARTITIONED
from migsafe.plan.recipe import NoWay, Piece
from migsafe.python import HistoricalField
from migsafe.sql.catalog import Catalog, Column, Table
from migsafe.written.definitions import constraint_definition, shown
from migsafe.written.operations import BEFORE_DEADLOCK, GIVE_UP, quoted, run_sql

NOW, UUID = "now()", "gen_random_uuid()"

TEXT = ("varchar", "text", "bpchar", "citext")
INTEGERS = ("int2", "int4", "int8")
NUMBERS = (*INTEGERS, "numeric", "float4", "float8")
COMPUTED = {
    "django.utils.timezone.now": {"timestamptz": NOW, "timestamp": NOW},
    "uuid.uuid4": {"uuid": UUID},
    "builtins.dict": {"jsonb": "'{}'", "json": "'{}'"},
    "builtins.list": {"jsonb": "'[]'", "json": "'[]'"},
}
"""What the database can put in the place of a function of Python, by the column's type."""


@dataclass(frozen=True)
class Aside:
    """How a column is no longer in the way of code that does not know it.

    Attributes:
        table: As it is then.
        operations: Source of each; none if it is in nobody's way.
        reasons: In sentences.
    """

    table: Table
    operations: tuple[str, ...]
    reasons: tuple[str, ...]


def step_aside(
    table: Table, column: str, field: HistoricalField | None, catalog: Catalog, postgres: int
) -> Aside | NoWay:
    """Let code insert and delete rows that does not know a column."""
    if foreign_keys(table) and table.kind == "partitioned table" and postgres < NOT_VALID_ON_PARTITIONS:
        return PARTITIONED
    if why := refuses_null(column, table, catalog):
        return NoWay(why=why, instead="Drop that first, in a migration of its own, and plan again.")
    before = table.columns[column]
    after = left_alone(before, field, table, catalog, postgres)
    name, ways = shown(table.name, catalog), list(in_the_way(column, table))
    keys = [one for one in ways if one.kind is ConstraintKind.FOREIGN_KEY]
    checks = [one for one in ways if one not in keys]
    if keys:
        after = replace(before, not_null=False)
    relaxed = structs.replace(table, columns={**table.columns, column: after})
    commands, back = relax(name, before, after)
    followed = [(key, following(relaxed, key)) for key in keys]
    commands = [
        *map(drop_constraint, checks),
        *commands,
        *(part for key, new in followed for part in exchanged(key, new, catalog)),
    ]
    alter_table = f"ALTER TABLE {quoted(name)}\n"
    restored = [alter_table + ",\n".join(exchanged(new, key, catalog)) for key, new in followed]
    restored += [sql for check in checks for sql in restore_check(relaxed, check, catalog)]
    reasons = []
    if after.default != before.default:
        reasons.append("New code gives it no value, so it gets a default.")
    elif after.not_null != before.not_null:
        reasons.append("New code gives it no value, so it may be NULL.")
    if keys:
        reasons.append("New code may delete what it refers to, so it becomes NULL then.")
    changes = alter([alter_table + ",\n".join(commands)], [*restored, *back], BEFORE_DEADLOCK if keys else GIVE_UP)
    return Aside(relaxed, (changes,) if commands else (), tuple(reasons))


def left_alone(column: Column, field: HistoricalField | None, table: Table, catalog: Catalog, postgres: int) -> Column:
    """A column as it has to be so that code can make rows that gives it no value.

    It gets a default where there is one that every row may have, else it may be NULL.
    """
    if not column.needs_value:
        return column
    value = None if _is_distinct(column, table, catalog) else default_sql(column, field, postgres)
    if value is not None:
        return replace(column, default=Expression(value, constant=value not in (NOW, UUID)))
    return replace(column, not_null=False)


def default_sql(column: Column, field: HistoricalField | None, postgres: int) -> str | None:
    """The SQL of what Django gives to rows for which code names no value; None if it is not known to be the same."""
    kind = column.type.name.name
    if field is None or column.type.array:
        return None
    if field.automatic:
        return NOW if kind in ("timestamptz", "timestamp") else None
    if field.default is None:
        return "''" if field.blank and kind in TEXT else None
    if field.default.function:
        value = COMPUTED.get(field.default.function, {}).get(kind)
        return None if value == UUID and postgres < 13 else value
    return _literal(field.default.code or "None", kind)


def _literal(code: str, kind: str) -> str | None:
    """SQL of a plain value of Python, if a column of that type takes it as it is."""
    try:
        value = ast.literal_eval(code)
    except ValueError:
        return None
    if isinstance(value, bool):
        return str(value).lower() if kind == "bool" else None
    if isinstance(value, int):
        return str(value) if kind in NUMBERS else None
    if isinstance(value, float):
        return repr(value) if kind in ("float4", "float8", "numeric") else None
    if isinstance(value, str) and kind in TEXT:
        return "'" + value.replace("'", "''") + "'"
    return None


def _is_distinct(column: Column, table: Table, catalog: Catalog) -> bool:
    """Whether rows may be refused because they have the same value as another one."""
    return any(index.unique and index.involves(column.name) for index in catalog.indexes(table.name))


def refuses_null(column: str, table: Table, catalog: Catalog) -> str | None:
    """What refuses rows without a value although the column may be NULL; None if nothing does."""
    for index in catalog.indexes(table.name):
        if index.unique and index.nulls_not_distinct and index.involves(column):
            return f"unique index {index.name.name} takes NULL in several rows for the same value"
    for constraint in table.constraints_on(column):
        if constraint.kind in (ConstraintKind.EXCLUDE, ConstraintKind.PRIMARY_KEY):
            return f"{constraint.kind} constraint {constraint.name} needs it"
    return None


def in_the_way(column: str, table: Table) -> Iterator[Constraint]:
    """CHECK constraints that may refuse rows of code that does not know the column, and its foreign keys.

    A foreign key does not let code delete the rows referred to that does not know who refers to them.
    """
    for constraint in table.constraints_on(column):
        foreign = constraint.kind is ConstraintKind.FOREIGN_KEY
        if foreign or (constraint.kind is ConstraintKind.CHECK and not _passes(constraint, column)):
            yield constraint


def _passes(check: Constraint, column: str) -> bool:
    """Whether a CHECK is about this column alone, and lets NULL and the model's own default pass."""
    expression = check.expression
    if expression is None or check.columns != (column,) or expression.functions or expression.not_null:
        return False
    words = f" {expression.sql.upper()} "
    return not any(word in words for word in (" IS ", " CASE ", "COALESCE", "NULLIF", "GREATEST", "LEAST"))


def relax(name: Name, before: Column, after: Column) -> tuple[list[str], list[str]]:
    """Commands of ALTER TABLE that make one of the other, and statements that take it back."""
    alter, table = f"ALTER COLUMN {quoted(before.name)}", f"ALTER TABLE {quoted(name)}"
    if after.default and not before.default:
        return [f"{alter} SET DEFAULT {after.default.sql}"], [f"{table}\n{alter} DROP DEFAULT"]
    if before.not_null and not after.not_null:
        # Rows that the new release has made have no value, and nobody could say which.
        empty = f"SELECT FROM {quoted(name)} WHERE {quoted(before.name)} IS NULL"
        return [f"{alter} DROP NOT NULL"], [_unless(empty, f"{table} {alter} SET NOT NULL")]
    return [], []


def _unless(rows: str, sql: str) -> str:
    """A statement that is carried out only if there are no such rows."""
    return f"DO $$ BEGIN\n    IF NOT EXISTS ({rows}) THEN\n        {sql};\n    END IF;\nEND $$"


def drop_constraint(constraint: Constraint) -> str:
    return f"DROP CONSTRAINT IF EXISTS {quoted(constraint.name or '')}"


def restore_check(table: Table, constraint: Constraint, catalog: Catalog) -> list[str]:
    """Statements that add a CHECK again; NOT VALID if rows that were made meanwhile violate it."""
    check, own, name = constraint.expression, quoted(constraint.name or ""), quoted(shown(table.name, catalog))
    assert check is not None
    return [
        f"ALTER TABLE {name}\nADD {constraint_definition(constraint, valid=False)}",
        _unless(f"SELECT FROM {name} WHERE NOT ({check.sql})", f"ALTER TABLE {name} VALIDATE CONSTRAINT {own}"),
    ]


def foreign_keys(table: Table) -> list[Constraint]:
    return [one for one in table.constraints.values() if one.kind is ConstraintKind.FOREIGN_KEY]


def following(table: Table, key: Constraint) -> Constraint:
    """A foreign key that lets code delete what it refers to, though that does not know who does so."""
    nullable = all(not table.columns[column].not_null for column in key.columns)
    return replace(key, on_delete="set null" if nullable else "cascade", valid=False)


def exchanged(old: Constraint, new: Constraint, catalog: Catalog) -> list[str]:
    """Commands of ALTER TABLE that put a foreign key in the place of another one of its name."""
    return [drop_constraint(old), _added(new, catalog)]


def _added(key: Constraint, catalog: Catalog) -> str:
    assert key.references is not None
    own = replace(key, references=shown(key.references, catalog))
    return f"ADD {constraint_definition(own, valid=key.valid)}"


def follow(table: Table, key: Constraint, catalog: Catalog) -> str:
    """A RunSQL that makes a foreign key follow what it refers to; both tables are locked for a moment."""
    name, new = quoted(shown(table.name, catalog)), following(table, key)
    forward, backward = (",\n".join(exchanged(*keys, catalog)) for keys in ((key, new), (new, key)))
    return alter([f"ALTER TABLE {name}\n{forward}"], [f"ALTER TABLE {name}\n{backward}"], BEFORE_DEADLOCK)


def drop_followed(
    table: Table, key: Constraint, catalog: Catalog, *, name: str, codes: tuple[str, ...], first: Name | None = None
) -> Piece:
    """A migration that drops a foreign key which `follow` has made; both tables are locked for a moment.

    Args:
        first: The table that is locked first, where that is not the one that refers to the other.
    """
    assert key.references is not None
    relation, new = quoted(shown(table.name, catalog)), following(table, key)
    before = [f"LOCK TABLE {quoted(shown(first, catalog))} IN ACCESS EXCLUSIVE MODE"] if first else []
    locks = f"Locks {key.references.name} too" if key.references != table.name else f"Locks {table.name.name}"
    drop = run_sql(
        [BEFORE_DEADLOCK, *before, f"ALTER TABLE {relation}\n{drop_constraint(new)}"],
        [BEFORE_DEADLOCK, f"ALTER TABLE {relation}\n{_added(new, catalog)}"],
    )
    why = f"{locks}, for a moment; if that is not to be had soon, this fails: try again."
    return Piece(operations=(drop,), name=name, why=why, codes=codes)


def told_of_following(table: Table, key: Constraint) -> str:
    """What `follow` locks, and what it is for, in sentences."""
    assert key.references is not None
    locks = f"Locks {key.references.name} too, for a moment. " if key.references != table.name else ""
    cascades = following(table, key).on_delete == "cascade"
    does = "deletes those too" if cascades else f"sets {', '.join(key.columns)} to NULL there"
    return (
        f"{locks}New code may delete rows of {key.references.name}, and does not know that {table.name.name} refers to"
        f" them: the database {does}."
    )


def alter(forward: Sequence[str], backward: Sequence[str], give_up: str = GIVE_UP) -> str:
    """A RunSQL that gives up soon if it cannot have its locks, either way."""
    return run_sql([give_up, *forward], [give_up, *backward] if backward else None)
