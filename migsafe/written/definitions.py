"""The SQL that makes again what the catalog has: columns, constraints, indexes, tables."""

from msgspec.structs import replace

from migsafe.actions import Constraint, ConstraintKind, CreateIndex, IndexKey, Name
from migsafe.postgres.values import sql_name
from migsafe.sql.catalog import Catalog, Column, Index, Table
from migsafe.written.operations import create_index, quoted


def column_definition(column: Column) -> str:
    """A column as in CREATE TABLE or ADD COLUMN."""
    parts = [quoted(column.name), sql_name(column.type)]
    if column.collation:
        parts.append(f"COLLATE {quoted(column.collation)}")
    if column.identity:
        parts.append(f"GENERATED {column.identity.upper()} AS IDENTITY")
    if column.generated and column.expression:
        parts.append(f"GENERATED ALWAYS AS ({column.expression.sql}) {column.generated.upper()}")
    if column.default:
        parts.append(f"DEFAULT {column.default.sql}")
    if column.not_null:
        parts.append("NOT NULL")
    return " ".join(parts)


def constraint_definition(constraint: Constraint, *, valid: bool = True) -> str | None:
    """A constraint as in CREATE TABLE or ADD CONSTRAINT, with its name; None for EXCLUDE, and for NOT NULL.

    Args:
        valid: Whether rows that are there are checked; only CHECK and foreign keys can do without.
    """
    match constraint.kind:
        case ConstraintKind.CHECK if constraint.expression:
            text = f"CHECK ({constraint.expression.sql})" + " NO INHERIT" * constraint.no_inherit
        case ConstraintKind.PRIMARY_KEY | ConstraintKind.UNIQUE:
            nulls = " NULLS NOT DISTINCT" * constraint.nulls_not_distinct
            include = f" INCLUDE ({_listed(constraint.include)})" if constraint.include else ""
            text = f"{constraint.kind.upper()}{nulls} ({_listed(constraint.columns)}){include}"
        case ConstraintKind.FOREIGN_KEY if constraint.references:
            target = quoted(constraint.references)
            columns = f" ({_listed(constraint.referenced_columns)})" if constraint.referenced_columns else ""
            text = f"FOREIGN KEY ({_listed(constraint.columns)}) REFERENCES {target}{columns}"
            text += f" ON DELETE {constraint.on_delete.upper()}" * (constraint.on_delete != "no action")
            text += f" ON UPDATE {constraint.on_update.upper()}" * (constraint.on_update != "no action")
        case _:
            return None
    text += " DEFERRABLE" * constraint.deferrable + " INITIALLY DEFERRED" * constraint.initially_deferred
    text += " NOT ENFORCED" * (not constraint.enforced)
    name = f"CONSTRAINT {quoted(constraint.name)} " if constraint.name else ""
    return name + text + " NOT VALID" * (not valid)


def index_action(index: Index) -> CreateIndex:
    """What makes an index that belongs to no constraint."""
    return CreateIndex(
        name=index.name.name,
        relation=index.relation,
        keys=index.keys,
        include=index.include,
        unique=index.unique,
        method=index.method,
        tablespace=index.tablespace,
        where=index.where,
        nulls_not_distinct=index.nulls_not_distinct,
    )


def made(index: Index, catalog: Catalog) -> CreateIndex:
    """The same, of a table whose schema is left out if it is on the search path."""
    return replace(index_action(index), relation=shown(index.relation, catalog))


def built_again(index: Index, catalog: Catalog) -> list[str]:
    """The statements that build an index concurrently that is, or was, there."""
    return [
        f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(shown(index.name, catalog))}",
        create_index(made(index, catalog), concurrently=True),
    ]


def index_of(relation: Name, constraint: Constraint) -> CreateIndex:
    """The index that a UNIQUE or PRIMARY KEY constraint needs, by the same name."""
    return CreateIndex(
        name=constraint.name,
        relation=relation,
        keys=tuple(IndexKey(column=column) for column in constraint.columns),
        include=constraint.include,
        unique=True,
        nulls_not_distinct=constraint.nulls_not_distinct,
    )


def using_index(relation: Name, constraint: Constraint) -> str:
    """The statement that makes a constraint of the index that has its name."""
    assert constraint.name is not None
    name, kind = quoted(constraint.name), constraint.kind.value.upper()
    return (
        f"ALTER TABLE {quoted(relation)}\nADD CONSTRAINT {name} {kind} USING INDEX {name}"
        + " DEFERRABLE" * constraint.deferrable
        + " INITIALLY DEFERRED" * constraint.initially_deferred
    )


def create_table(table: Table, catalog: Catalog) -> list[str] | None:
    """The statements that make a table with its indexes, but without foreign keys; None for what takes more.

    Names of schemas on the search path are left out.
    """
    if table.kind != "table" or table.parents or table.triggers or table.rules or table.policies or table.of_type:
        return None
    own = [one for one in table.constraints.values() if one.kind is not ConstraintKind.FOREIGN_KEY]
    constraints = [constraint_definition(one) for one in own]
    columns = [_with_sequence(column, table, catalog) for column in table.columns.values()]
    if None in constraints or None in columns:
        return None
    name = shown(table.name, catalog)
    lines = ",\n    ".join(one for one in (*columns, *constraints) if one)
    kind = "CREATE UNLOGGED TABLE" if table.unlogged else "CREATE TABLE"
    indexes = [one for one in catalog.indexes(table.name) if one.constraint is None]
    return [
        f"{kind} {quoted(name)} (\n    {lines}\n)",
        *(create_index(replace(index_action(one), relation=name)) for one in indexes),
    ]


def shown(name: Name, catalog: Catalog) -> Name:
    """The name without its schema if that is on the search path."""
    return Name(name.name) if name.schema in catalog.search_path else name


def _with_sequence(column: Column, table: Table, catalog: Catalog) -> str | None:
    """The definition of a column, ``serial`` if it has a sequence of its own; None if that is somebody else's."""
    if not (column.default and any(one.name == "nextval" for one in column.default.functions)):
        return column_definition(column)
    own = [one.name.name for one in catalog.sequences_of(table.name) if one.owned_by == (table.name, column.name)]
    serial = SERIALS.get(column.type.name.name)
    if own != [f"{table.name.name}_{column.name}_seq"] or serial is None:
        return None
    return f"{quoted(column.name)} {serial}"


SERIALS = {"int2": "smallserial", "int4": "serial", "int8": "bigserial"}


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))
