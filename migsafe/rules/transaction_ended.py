"""Transactions controlled by SQL behind Django's back.

## What it catches
``COMMIT``, ``ROLLBACK`` or ``PREPARE TRANSACTION`` in a migration that is atomic; and ``BEGIN`` without an end in one
that is not.

## Why it hurts
Django opens the transaction of an atomic migration and means to end it itself. After a COMMIT the rest runs without
one: if it fails, what came before stays, and the migration is not recorded. A transaction that is left open is rolled
back with all that comes after it, the record of applied migrations included, when ``migrate`` disconnects.

## Do this instead
Leave it out. What has to be committed by itself belongs in a migration of its own, or in one with ``atomic = False``.
"""

from collections.abc import Iterator

from migsafe.actions import Transaction
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Executed, MigrationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS603",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="{command} {does}",
    why="{why}",
)

ENDED = (
    "From here on each statement is committed by itself. If one fails, what came before it stays, and Django does not"
    " know that the migration has run in part."
)
OPEN = (
    "Everything after it, the record that migrations have been applied included, is part of this transaction, and is"
    " rolled back when `migrate` disconnects."
)


@rule.on(Transaction)
def check(action: Transaction, context: Context) -> Iterator[Finding]:
    ends = action.command in ("commit", "rollback", "prepare transaction")
    if not ends or not context.statement.transaction or context.fails:
        return
    rest = [
        one.parsed.sql
        for one in context.operation.forward
        if not any(isinstance(other, Transaction) for other in one.parsed.actions)
    ]
    yield rule.finding(
        context,
        about=str(context.operation.index),
        command=action.command.upper(),
        does="ends the transaction that Django has opened for the migration",
        why=ENDED,
        fix=steps(
            "Leave it out:",
            *([migration(run_sql(rest, None))] if rest else []),
            "What has to be committed by itself belongs in a migration of its own.",
        ),
    )


@rule.on_migration
def check_open(context: MigrationContext) -> Iterator[Finding]:
    begun: Executed | None = None
    for executed in context.executed:
        action = executed.step.action
        if isinstance(action, Transaction) and not executed.statement.transaction and not executed.fails:
            if action.command == "begin":
                begun = begun or executed
            elif action.command in ("commit", "rollback", "prepare transaction") and not action.chain:
                begun = None
    if begun:
        yield rule.finding(
            context.action_context(begun),
            about="begin",
            command="BEGIN",
            does="opens a transaction that nothing ends",
            why=OPEN,
            fix="Add the COMMIT; or leave out both, and let Django make the transaction: `atomic = True`.",
        )
