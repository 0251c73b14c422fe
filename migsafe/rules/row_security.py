"""Row level security without a policy.

## What it catches
``ENABLE ROW LEVEL SECURITY`` or ``FORCE ROW LEVEL SECURITY`` on a table in use that has no policy then.

## Why it hurts
Without a policy nobody sees any row, and nobody can write one: no error, the rows are just not there. Superusers are
exempt, and the table's owner is as long as it is not forced.

## Do this instead
Make the policies first, in the same transaction.
"""

from collections.abc import Iterator

from migsafe.actions import AlterTable
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS412",
    severity=Severity.WARNING,
    axis=Axis.COMPATIBILITY,
    message="Row level security on {relation} without a policy hides every row from {whom}",
    why=(
        "Code that is still running gets no error: {relation} is just empty for it, and what it saves there is refused."
        "{owner}"
    ),
)

OWNER = " If it connects as the owner of {relation}, as Django does where it has made the table, it is not affected."


@rule.on(AlterTable)
def check(action: AlterTable, context: Context) -> Iterator[Finding]:
    if action.command not in ("EnableRowSecurity", "ForceRowSecurity") or context.created_here(action.relation):
        return
    # In a transaction nobody sees what is between its statements.
    schema = context.migration.after if context.transaction is not None else context.catalog
    table = schema.table(action.relation)
    forced = action.command == "ForceRowSecurity"
    if table is None or table.policies or (not forced and _forced_too(action, context)):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        severity=Severity.ERROR if forced else Severity.WARNING,
        whom="everybody but superusers" if forced else "code that does not connect as its owner",
        owner="" if forced else OWNER.format(relation=context.display(action.relation)),
        fix=_fix(action),
    )


def _forced_too(action: AlterTable, context: Context) -> bool:
    """Whether the migration forces it as well, which is the finding then."""
    return any(
        isinstance(other, AlterTable) and other.command == "ForceRowSecurity" and other.relation == action.relation
        for other in context.migration_actions()
    )


def _fix(action: AlterTable) -> str:
    table, policy = quoted(action.relation), quoted(f"{action.relation.name}_all")
    switch = "FORCE" if action.command == "ForceRowSecurity" else "ENABLE"
    off = "NO FORCE" if switch == "FORCE" else "DISABLE"
    return steps(
        "Make the policies first, in the same transaction. This one lets everything pass; narrow it down when all code"
        " that runs is ready for it:",
        migration(
            run_sql(f"CREATE POLICY {policy} ON {table}\nUSING (true)", f"DROP POLICY {policy} ON {table}"),
            run_sql(
                f"ALTER TABLE {table}\n{switch} ROW LEVEL SECURITY", f"ALTER TABLE {table}\n{off} ROW LEVEL SECURITY"
            ),
        ),
    )
