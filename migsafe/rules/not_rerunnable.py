"""A migration that cannot be run again after it has failed half-way.

## What it catches
A migration with ``atomic = False`` that commits something which cannot be done twice (``CREATE TABLE``, ``ADD COLUMN``,
``RENAME``, a concurrent index build …), and goes on to something that may fail.

## Why it hurts
If a later statement fails, the earlier ones are there to stay, and Django takes the migration for not applied. The next
``migrate`` starts at its beginning, and fails at once: "already exists". Somebody has to repair the database by hand.

## Do this instead
One operation in each migration that is not atomic, and ``atomic = False`` only where something cannot run in a
transaction or would lock a table in use for long. In SQL, ``IF NOT EXISTS`` and ``IF EXISTS`` do too.
"""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Action
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation, SqlStatement
from migsafe.rules import MigrationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.session import Session
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS604",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="If the migration fails after {what}, it cannot be run again",
    why=(
        "It is not atomic: {what} is committed by itself, and stays when a later statement fails. The next `migrate`"
        " begins anew and stops here with an error, until somebody repairs the database by hand."
    ),
)

ONCE = (a.RenameTable, a.RenameColumn, a.RenameIndex, a.RenameConstraint, a.RenameObject, a.SetSchema)
"""What fails the second time, whatever is said about IF EXISTS: the name is another one then."""
GUARDED = (
    a.CreateTable, a.AddColumn, a.CreateIndex, a.CreateSequence, a.CreateSchema, a.CreateExtension, a.DropTable,
    a.DropColumn, a.DropConstraint, a.DropIndex, a.DropView, a.DropTrigger, a.DropSequence, a.DropObject,
    a.CreateView, a.CreateFunction, a.CreateTrigger, a.AlterEnum,
)  # fmt: skip
"""What can be said so that it does nothing the second time."""
BARE = (a.AddConstraint, a.CreateType, a.CreateDomain, a.CreatePolicy, a.AttachPartition, a.DetachPartition)


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    if context.migration.atomic:
        return
    last = _last(context)
    dropped: set[object] = set()
    for executed in context.executed:
        action = executed.step.action
        if getattr(action, "if_exists", False):
            dropped.add(_object(action))
        if _unit(context, executed.operation, executed.statement) == last:
            return
        if _once(action) and not executed.statement.parsed.dynamic and _object(action) not in dropped:
            yield rule.finding(
                context.action_context(executed),
                relation=getattr(action, "relation", None),
                what=_what(action),
                fix=_fix(context),
            )
            return


def _last(context: MigrationContext) -> object:
    """What is committed last: a statement, a transaction, or the code of an operation."""
    code = max((one.index for one in context.migration.operations if one.opaque), default=-1)
    units = [_unit(context, one.operation, one.statement) for one in context.executed]
    after = [one for one in context.executed if one.statement.deferred or one.operation.index >= code]
    return units[-1] if units and (code < 0 or after) else code


def _unit(context: MigrationContext, operation: ReplayedOperation, statement: SqlStatement) -> object:
    transaction = context.migration.transaction(operation, statement)
    return id(statement) if transaction is None else transaction


def _once(action: Action) -> bool:
    if isinstance(action, GUARDED):
        return not any(getattr(action, guard, False) for guard in ("if_not_exists", "if_exists", "replace"))
    return isinstance(action, (*ONCE, *BARE))


def _object(action: Action) -> object:
    """What an action makes or drops."""
    match action:
        case a.CreateIndex(name=name):
            return "index", name
        case a.DropIndex(index=index):
            return "index", index.name
        case a.AddConstraint(constraint=constraint, relation=relation):
            return "constraint", relation, constraint.name
        case a.DropConstraint(name=name, relation=relation):
            return "constraint", relation, name
        case a.AddColumn(column=column, relation=relation):
            return "column", relation, column.name
        case a.DropColumn(column=name, relation=relation):
            return "column", relation, name
        case a.CreateTrigger(name=name, relation=relation) | a.DropTrigger(name=name, relation=relation):
            return "trigger", relation, name
        case a.CreateTable(relation=relation) | a.DropTable(relation=relation):
            return "table", relation
        case a.CreateView(relation=relation) | a.DropView(relation=relation):
            return "view", relation
    return action


def _what(action: Action) -> str:
    match _object(action):
        case (str(kind), *_, str(name)) | (str(kind), a.Name(name=name)):
            done = "dropping" if type(action).__name__.startswith("Drop") else "making"
            return f"{done} {kind} {name}"
        case a.RenameTable(relation=relation):
            return f"renaming table {relation}"
        case a.RenameColumn(column=column):
            return f"renaming column {column}"
        case a.SetSchema(relation=relation):
            return f"moving table {relation}"
    return "what it has done so far"


def _fix(context: MigrationContext) -> str:
    if _only_makes_tables(context):
        return "Leave `atomic = False` out: it makes tables that nobody uses yet, and can do that in a transaction."
    operations = [one for one in context.migration.operations if one.forward or one.opaque]
    codes = [code for operation in operations for code in _codes(operation, context, alone=len(operations) == 1)]
    return steps("Make a migration of each:", *codes)


def _only_makes_tables(context: MigrationContext) -> bool:
    """Whether a migration would do as well in a transaction, since all that it locks for long is new."""
    made = (
        isinstance(one.step.action, a.CreateTable)
        or (
            (relation := getattr(one.step.action, "relation", None))
            and context.action_context(one).created_here(relation)
        )
        for one in context.executed
    )
    if any(one.opaque for one in context.migration.operations) or not all(made):
        return False
    session = Session(postgres=context.postgres, catalog=context.migration.before).begin()
    for _, statement in context.migration.executed():
        session, analysis = session.run(statement.parsed)
        if analysis.statement.fails:
            return False
    return True


def _codes(operation: ReplayedOperation, context: MigrationContext, *, alone: bool) -> Iterator[str]:
    written = context.operation_context(operation).written
    atomic = operation.opaque is None and not any(
        getattr(action, "concurrently", False) for one in operation.forward for action in one.parsed.actions
    )
    if written and not alone:
        yield migration(str(written), atomic=atomic)
        return
    for statement in operation.forward:
        concurrently = any(getattr(action, "concurrently", False) for action in statement.parsed.actions)
        yield migration(run_sql(statement.parsed.sql, None), atomic=not concurrently)
