"""A many-to-many field that gets a model of its own for its table.

## What it catches
``AlterField`` that adds ``through`` to a many-to-many field, or takes it away; and ``RemoveField`` with ``AddField`` of
the same field in its place.

## Why it hurts
Django refuses the first in the middle of ``migrate``. The second drops the table with all its rows: every relation that
anybody has made is lost, and running code that uses it fails.

## Do this instead
Give the model the table that is there (``db_table``), and tell only Django's state about it.
"""

from collections.abc import Iterator

from migsafe.actions import Name
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.call import Written
from migsafe.written.operations import separate

rule = Rule(
    __name__,
    code="MS416",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="{change}",
    why=(
        "Which rows belong together stands in {relation} only. The through model gets a table of its own, which is"
        " empty; Django moves nothing there."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    table = operation.exchanges
    if table is None:
        return
    relation = Name(table)
    if operation.unanalysed:
        change = f"Django refuses to exchange table {table} of a many-to-many field for another one: migrate fails"
    else:
        change = f"Adding the field again after removing it drops table {table} with all its rows"
    yield rule.finding(context, relation=relation, about=table, change=change, fix=_fix(operation, context))


def _fix(operation: ReplayedOperation, context: OperationContext) -> str:
    change = _change(operation, context)
    field = change.call("field", 2) if change else None
    through = field.argument("through") if field else None
    prose = (
        "Give the through model the table that is there, and tell only Django's state about it. Write"
        f' `db_table = "{operation.exchanges}"` in its Meta'
    )
    if change is None or field is None or through is None:
        return f"{prose}; and put the operations into `SeparateDatabaseAndState(state_operations=[…])`."
    model = through.strip("\"'").rpartition(".")[2]
    create = _create(operation, model, field.argument("to", 0) or "…", context)
    return steps(
        f"{prose}, and in the migration, in place of what creates the model and changes the field:",
        migration(separate(database=[], state=[create, str(change)])),
    )


def _change(operation: ReplayedOperation, context: OperationContext) -> Written | None:
    """The operation as an AlterField of the field."""
    if not operation.is_a("RemoveField"):
        return context.written
    name = context.written.argument("name", 1) if context.written else None
    for other in context.migration.operations[operation.index + 1 :]:
        written = context.operation_context(other).written if other.is_a("AddField") else None
        if written and other.models == operation.models and written.argument("name", 1) == name:
            return written.calling("migrations.AlterField")
    return None


def _create(operation: ReplayedOperation, model: str, to: str, context: OperationContext) -> str:
    """The model for the table that is there."""
    table = context.migration.before.table(Name(operation.exchanges or ""))
    columns = table.columns.values() if table else ()
    names = [column.name.removesuffix("_id") for column in columns if column.name != "id"]
    owner = f'"{operation.models[0]}"'
    key = "AutoField" if any(one.name == "id" and one.type.name.name == "int4" for one in columns) else "BigAutoField"
    own = {context.model, f"from_{context.model}", f"to_{context.model}"}
    fields = "".join(
        f'        ("{name}", models.ForeignKey({owner if name in own else to}, models.CASCADE)),\n' for name in names
    )
    unique = ", ".join(f'"{name}"' for name in names)
    return (
        f'migrations.CreateModel(\n    name="{model}",\n    fields=[\n'
        f'        ("id", models.{key}(primary_key=True)),\n{fields}    ],\n'
        f'    options={{\n        "db_table": "{operation.exchanges}",\n'
        f'        "unique_together": {{({unique})}},\n    }},\n)'
    )
