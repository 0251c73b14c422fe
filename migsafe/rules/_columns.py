"""What rules ask of columns and of changes to them."""

import ast
from collections.abc import Callable, Iterator, Sequence

from migsafe.actions import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Comment,
    Constraint,
    ConstraintKind,
    CreateIndex,
    Name,
    RenameColumn,
    Type,
    Update,
)
from migsafe.model import Finding
from migsafe.postgres.values import sql_name
from migsafe.rules._context import Context, OperationContext
from migsafe.rules._fixes import migration, python, quoted, run_sql, separate, steps
from migsafe.rules._rule import Pending
from migsafe.sql.catalog import Catalog, Column, Table
from migsafe.sql.forms.columns import is_serial
from migsafe.sql.forms.family import base_type, domains_of, volatile

QUOTES = "\"'"


def column_of(relation: Name, name: str, context: OperationContext) -> Column | None:
    """A column as it is before the action; None if it is not known."""
    table = context.catalog.table(relation)
    return table.columns.get(name) if table else None


def column_after(relation: Name, name: str, context: OperationContext) -> Column | None:
    """A column as the migration leaves it."""
    table = context.migration.after.table(relation)
    return table.columns.get(name) if table else None


def types(action: AlterColumnType, context: Context) -> tuple[Type, Type] | None:
    """The old and the new type of a column, those of domains being what they stand for; None if not known."""
    column = column_of(action.relation, action.column, context)
    if column is None:
        return None
    return base_type(column.type, context.catalog), base_type(action.type, context.catalog)


def is_same_type(action: AlterColumnType, context: Context) -> bool:
    """Whether type and collation stay what they are."""
    column = column_of(action.relation, action.column, context)
    return column is not None and (column.type, column.collation) == (action.type, action.collation)


def only_comment(action: AlterColumnType, context: Context) -> bool:
    """Whether Django writes the type that the column has, since its comment changes."""
    return is_same_type(action, context) and any(isinstance(other, Comment) for other in context.actions())


def changes_type_at_length(context: Context) -> bool:
    """Whether the operation changes a type, and that takes long."""
    return any(
        isinstance(executed.step.action, AlterColumnType) and context.action_context(executed).stall
        for executed in context.executed
        if executed.operation is context.operation
    )


def follows_key(action: AlterColumnType, context: Context) -> bool:
    """Whether it is the type of the key referred to that changes: one finding, about the key, says it for all."""
    first = next(other for other in context.actions() if isinstance(other, AlterColumnType))
    return context.operation.is_a("AlterField") and action is not first


def is_new_name(action: AlterColumnType, context: Context) -> bool:
    """Whether the migration has given the column another name: running code asks for the old one."""
    return any(
        isinstance(other, RenameColumn) and (other.relation, other.new_name) == (action.relation, action.column)
        for other in context.migration_actions()
    )


def same_everywhere(action: AddColumn, context: OperationContext) -> bool:
    """Whether all existing rows get the same value, and it is not NULL."""
    column = action.column
    if column.default is None or column.default.null or column.identity or column.generated:
        return False
    return not volatile(column.default, context.catalog)


def is_unique(action: AddColumn, context: OperationContext) -> bool:
    """Whether the migration makes the new column unique by itself."""
    constraints = [(action.relation, constraint) for constraint in action.column.constraints]
    for other in context.migration_actions():
        if isinstance(other, AddConstraint):
            constraints.append((other.relation, other.constraint))
        elif isinstance(other, CreateIndex) and other.unique and other.where is None:
            columns = tuple(key.column or "" for key in other.keys)
            constraints.append((other.relation, Constraint(kind=ConstraintKind.UNIQUE, columns=columns)))
    return any(
        relation == action.relation
        and constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY)
        and constraint.columns == (action.column.name,)
        for relation, constraint in constraints
    )


def needs_value(column: Column) -> bool:
    """Whether an INSERT that does not name the column fails."""
    return column.not_null and not (column.default or column.identity or column.generated)


def still_needed(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    """Those findings whose column, given by the table's ``oid`` and its name, needs a value in the end."""
    needed = {(table.oid, name) for table in end().tables.values() for name in table.columns if _needs(table, name)}
    yield from (one.finding for one in pending if one.about in needed)


def _needs(table: Table, column: str) -> bool:
    return needs_value(table.columns[column])


def lacks_value(action: AddColumn, context: OperationContext) -> bool:
    """Whether the new column is NOT NULL and existing rows get NULL in it."""
    column = action.column
    if not column.not_null or column.identity or column.generated or is_serial(column.type):
        return False
    if column.default is not None:
        return column.default.null
    return not any(domain.default for domain in domains_of(column.type, context.catalog))


COMPUTED = {"timestamptz": "now()", "timestamp": "now()", "date": "now()", "uuid": "gen_random_uuid()"}
"""What PostgreSQL computes in the place of a function of Python."""


def computed(type_: Type, value: str, context: OperationContext) -> str:
    """SQL for the default of the operation's field, given the value that Django had of it once.

    If that came from a function, it is not right for any other row.
    """
    written = context.written
    field = written.call("field", 2) if written else None
    default = field.argument("default") if field else None
    moving = field is not None and (field.argument("auto_now") or field.argument("auto_now_add"))
    once = moving if default is None else not is_literal(default)
    return COMPUTED.get(type_.name.name, value) if once else value


def is_literal(source: str) -> bool:
    """Whether Python source is a constant."""
    try:
        ast.literal_eval(source)
    except ValueError:
        return False
    return True


def not_null_steps(relation: Name, column: str, context: Context, *, first: int = 1) -> Iterator[str]:
    """How to set a column NOT NULL without reading the table under a lock: steps numbered from ``first`` on."""
    name = f"{relation.name}_{column}_not_null"[:63]
    table = f"ALTER TABLE {quoted(relation)}"
    alter = f"{table}\nALTER COLUMN {quoted(column)}"
    change = [run_sql(f"{alter} SET NOT NULL", f"{alter} DROP NOT NULL")]
    drop = f"{table}\nDROP CONSTRAINT {quoted(name)}"
    written = context.written if context.operation.is_a("AlterField") else None
    field = written.argument("name", 1) if written else None
    if written and field:
        keyword = "condition" if context.django >= (5, 1) else "check"
        add = (
            "AddConstraintNotValid(\n"
            f'    model_name="{context.model}",\n'
            "    constraint=models.CheckConstraint(\n"
            f"        {keyword}=models.Q({field.strip(QUOTES)}__isnull=False),\n"
            f'        name="{name}",\n'
            "    ),\n"
            ")"
        )
        validate = f'ValidateConstraint(model_name="{context.model}", name="{name}")'
        if _does_more(context):
            kept = column_after(relation, column, context)
            if kept and kept.default:
                change.insert(0, run_sql(f"{alter} SET DEFAULT {kept.default.sql}", f"{alter} DROP DEFAULT"))
            change = [separate(database=change, state=[str(written)])]
        else:
            change = [str(written)]
        change.append(f'migrations.RemoveConstraint(model_name="{context.model}", name="{name}")')
        imports = "from django.contrib.postgres.operations import "
    else:
        add = run_sql(f"{table}\nADD CONSTRAINT {quoted(name)} CHECK ({quoted(column)} IS NOT NULL) NOT VALID", drop)
        validate = run_sql(f"{table}\nVALIDATE CONSTRAINT {quoted(name)}", None)
        change.append(run_sql(drop, None))
        imports = ""
    yield f"{first}. Promise it without looking at the rows:"
    yield migration(add, imports=imports and imports + "AddConstraintNotValid")
    yield f"{first + 1}. In another migration, check the rows while everybody keeps working:"
    yield migration(validate, imports=imports and imports + "ValidateConstraint")
    if context.postgres < 12:
        yield (
            f"{first + 2}. On PostgreSQL 12 or later the valid CHECK is proof enough. On older servers leave it at that"
            " and keep the CHECK."
        )
    else:
        yield f"{first + 2}. In one more migration, with the CHECK as proof, nothing is read any more:"
        yield migration(*change)


def _does_more(context: Context) -> bool:
    """Whether Django's AlterField would read the table even so.

    It takes a foreign key off and puts it back on, checking every row, whatever changes of the field; and it fills
    empty rows, of which there are none any more.
    """
    return any(isinstance(other, (AddConstraint, Update)) for other in context.actions())


def views_above(table: Name, column: str, catalog: Catalog) -> tuple[Table, ...]:
    """Views that read a column, and views that read those; each after what it reads."""
    found = {view.name: view for view in catalog.views_reading(table, column)}
    for name in (pending := list(found)):
        for view in catalog.views_reading(name):
            found.pop(view.name, None)
            found[view.name] = view
            pending.append(view.name)
    return tuple(found.values())


def drop_view(view: Table, catalog: Catalog, *, undo: bool = False) -> str:
    """A RunSQL that drops a view, or creates it again; the other way round when unapplied."""
    name = quoted(Name(catalog.display(view.name)) if view.name.schema in catalog.search_path else view.name)
    drop, create = f"DROP {view.kind.upper()} {name}", f"CREATE {view.kind.upper()} {name} AS\n{view.query}"
    return run_sql(create, drop) if undo else run_sql(drop, create)


def by_new_column(action: AlterColumnType, context: Context) -> str:
    """How to move to another type through a new column."""
    new, first = _new_field(action, context) or _new_column(action)
    return steps(
        "Move to a new column, one release at a time:",
        "1. Add it, and let the code write both:",
        first,
        f"2. Fill it in batches from `{action.column}`, in a migration with `atomic = False`.",
        f"3. Read `{new}` only.",
        f"4. Drop `{action.column}` when no running code knows it any more.",
    )


def _new_field(action: AlterColumnType, context: Context) -> tuple[str, str] | None:
    written = context.written if context.operation.is_a("AlterField") else None
    field, name = (written.call("field", 2), written.argument("name", 1)) if written else (None, None)
    if written is None or field is None or name is None:
        return None
    new = name.strip("\"'") + "_new"
    if field.function.endswith(("ForeignKey", "OneToOneField")):
        return new, f"As a foreign key `{new}` with `null=True`; MS201 says how to build its index."
    plain = field.without("db_column").without("unique").without("db_index")
    if plain.argument("null") is None:
        plain = plain.adding("null", "True")
    add = written.calling("migrations.AddField").replacing("name", 1, f'"{new}"').replacing("field", 2, plain.code)
    return new, python(f"{add.without('preserve_default')},")


def _new_column(action: AlterColumnType) -> tuple[str, str]:
    new, table = f"{action.column}_new", quoted(action.relation)
    add = f"ALTER TABLE {table}\nADD COLUMN {quoted(new)} {sql_name(action.type)}"
    return new, migration(run_sql(add, f"ALTER TABLE {table}\nDROP COLUMN {quoted(new)}"))
