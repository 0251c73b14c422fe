"""How columns are added, filled, constrained and changed without anybody waiting: parts of fixes."""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AddConstraint, AlterColumnType, Name, Type, Update
from migsafe.postgres.values import sql_name
from migsafe.rules._columns import column_after, is_literal
from migsafe.rules._context import Context, OperationContext
from migsafe.rules._fixes import migration, python, steps
from migsafe.sql.catalog import Catalog, Table
from migsafe.written.call import Written
from migsafe.written.operations import quoted, run_sql, separate

QUOTES = "\"'"
COMPUTED = {"timestamptz": "now()", "timestamp": "now()", "date": "now()", "uuid": "gen_random_uuid()"}
"""What PostgreSQL computes in the place of a function of Python."""


def computed(type_: Type, value: str, context: OperationContext) -> str:
    """SQL for the default of the operation's field, given the value that Django had of it once.

    If that came from a function, it is not right for any other row.
    """
    field = context.written.call("field", 2) if context.written else None
    default = field.argument("default") if field else None
    moving = field is not None and (field.argument("auto_now") or field.argument("auto_now_add"))
    once = moving if default is None else not is_literal(default)
    return COMPUTED.get(type_.name.name, value) if once else value


def written_field(context: OperationContext, kind: str) -> tuple[Written, Written] | None:
    """The operation as it is written, and the field in it, if it is of that kind (``AddField``)."""
    written = context.written if context.operation.is_a(kind) else None
    field = written.call("field", 2) if written else None
    return (written, field) if written and field else None


def add_column(relation: Name, name: str, type_: Type) -> str:
    """A RunSQL that adds a column without anything that takes long."""
    table = quoted(relation)
    add = f"ALTER TABLE {table}\nADD COLUMN {quoted(name)} {sql_name(type_)}"
    return run_sql(add, f"ALTER TABLE {table}\nDROP COLUMN {quoted(name)}")


def add_nullable(action: AddColumn, context: OperationContext, *without: str) -> str:
    """The column, nullable and without some of the field's arguments, fenced."""
    if found := written_field(context, "AddField"):
        written, field = found
        for argument in without:
            field = field.without(argument)
        add = written.replacing("field", 2, field.adding("null", "True").code).without("preserve_default")
        return python(f"{add},")
    return migration(add_column(action.relation, action.column.name, action.column.type))


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
    yield f"{first}. Once all running code fills it, promise that without looking at the rows:"
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
    found = written_field(context, "AlterField")
    name = found[0].argument("name", 1) if found else None
    if found is None or name is None:
        return None
    written, field = found
    new = name.strip("\"'") + "_new"
    if field.function.endswith(("ForeignKey", "OneToOneField")):
        return new, f"As a foreign key `{new}` with `null=True`; MS201 says how to build its index."
    plain = field.without("db_column").without("unique").without("db_index")
    if plain.argument("null") is None:
        plain = plain.adding("null", "True")
    add = written.calling("migrations.AddField").replacing("name", 1, f'"{new}"').replacing("field", 2, plain.code)
    return new, python(f"{add.without('preserve_default')},")


def _new_column(action: AlterColumnType) -> tuple[str, str]:
    new = f"{action.column}_new"
    return new, migration(add_column(action.relation, new, action.type))
