"""An index built without CONCURRENTLY.

## What it catches
``CREATE INDEX`` on a table in use: ``AddIndex``, a field with ``db_index`` or ``unique``, a foreign key (Django
indexes each of them), a ``UniqueConstraint`` with a condition or expressions, SQL.

## Why it hurts
Nobody can write to the table until the index is built. In the same transaction as another change of the table, nobody
can even read it.

## Do this instead
Build it concurrently, in a migration of its own with ``atomic = False``: ``AddIndexConcurrently``, or SQL with
CONCURRENTLY.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AddConstraint, Constraint, ConstraintKind, CreateIndex
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, partition_indexes, python, steps
from migsafe.written.operations import build, concurrently, index_name, separate

rule = Rule(
    __name__,
    code="MS201",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Building index {index} holds {lock} on {relation} until it is done",
    why=(
        "PostgreSQL reads every row of {relation} and sorts it into the index. Until that is done, {requests} waits. On"
        " a large table this takes minutes, and requests that wait so long time out.{django}{held}"
    ),
)


DJANGO = (
    " Django builds it by itself: every foreign key has an index, and a text column with `db_index` or `unique` a"
    " second one, for LIKE."
)
HELD = " A build alone would let people read; here what the same transaction did before has locked them out already."

COVERING = (ConstraintKind.FOREIGN_KEY, ConstraintKind.UNIQUE)


@rule.on(CreateIndex)
def check(action: CreateIndex, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if (
        action.concurrently
        or effect is None
        or context.created_here(action.relation)
        or _of_constraint(action, context)
    ):
        return
    keys = ",".join(key.column or "(expression)" for key in action.keys)
    yield rule.finding(
        context,
        relation=action.relation,
        # A text column that is indexed gets two indexes (the second for LIKE); that is one thing to fix.
        about=keys if context.operation.is_a("FieldOperation") else action.name or keys,
        index=action.name or f"on {keys}",
        lock=effect.lock.value,
        requests=requests(effect),
        django=DJANGO if context.operation.is_a("FieldOperation") else "",
        held=HELD if context.is_held(effect) else "",
        fix=_fix(action, context),
    )


def _of_constraint(action: CreateIndex, context: Context) -> bool:
    """Whether the same operation adds a constraint over the same columns: that finding says what to do about both."""
    columns = tuple(key.column for key in action.keys)
    for other in context.actions():
        constraints: tuple[Constraint, ...] = ()
        if isinstance(other, AddConstraint):
            constraints = (other.constraint,)
        elif isinstance(other, AddColumn):
            # A foreign key in a column that is empty has nothing to validate, and is no finding.
            empty = other.column.default is None and not other.column.not_null
            constraints = tuple(
                one for one in other.column.constraints if not (empty and one.kind is ConstraintKind.FOREIGN_KEY)
            )
        if any(one.columns == columns and one.kind in COVERING for one in constraints):
            return True
    return False


def _fix(action: CreateIndex, context: Context) -> str:
    written = context.written
    table = context.catalog.table(action.relation)
    if table is not None and table.kind == "partitioned table":
        return partition_indexes(action, context)
    if written and context.operation.is_a("AddIndex"):
        return steps(
            "Build it in a migration of its own, outside a transaction:",
            migration(
                str(written.calling("AddIndexConcurrently")),
                atomic=False,
                imports="from django.contrib.postgres.operations import AddIndexConcurrently",
            ),
        )
    online = build(index_name(action), concurrently(context.statement.parsed.sql))
    if written is None or context.operation.is_a("RunSQL"):
        return steps("Build it in a migration of its own, outside a transaction:", migration(online, atomic=False))
    field = written.call("field", 2) if context.operation.is_a("AddField") else None
    if field and any(isinstance(other, AddColumn) for other in context.actions()):
        first = written.replacing("field", 2, field.adding("db_index", "False").code)
        return steps(
            "1. Add the field without its index:",
            python(f"{first},"),
            "2. Build the index in a migration of its own, outside a transaction, under the name that Django gives it:",
            migration(
                separate(
                    database=[online], state=[str(written.calling("migrations.AlterField").without("preserve_default"))]
                ),
                atomic=False,
            ),
        )
    return steps(
        "Build it in a migration of its own, outside a transaction, and tell Django's state about it:",
        migration(separate(database=[online], state=[str(written)]), atomic=False),
    )
