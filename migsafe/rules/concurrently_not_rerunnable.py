"""An index built CONCURRENTLY in a way that cannot be repeated after a failure.

## What it catches
``CREATE INDEX CONCURRENTLY IF NOT EXISTS``, in SQL also without IF NOT EXISTS, where nothing drops the index first.
``AddIndexConcurrently`` stops with an error that names the index, and is left alone.

## Why it hurts
A concurrent build that fails (a timeout, a deadlock, a duplicate value) leaves an INVALID index behind: no query uses
it, and every write still pays for it. When the migration runs again, the name is taken: without IF NOT EXISTS it
fails again, with it the INVALID index stays and nobody is told.

## Do this instead
Drop what an earlier attempt may have left, then build: ``DROP INDEX CONCURRENTLY IF EXISTS``, each statement by itself.
"""

from collections.abc import Iterator

from migsafe.actions import CreateIndex, DropIndex
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._online import keys
from migsafe.written.operations import index_name, quoted, run_sql

rule = Rule(
    __name__,
    code="MS204",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="If building index {index} on {relation} CONCURRENTLY fails, running the migration again {again}",
    why=(
        "A build that fails leaves an INVALID index behind: no query uses it, and every request that saves to"
        " {relation} still has to keep it up to date. {then}"
    ),
)


@rule.on(CreateIndex)
def check(action: CreateIndex, context: Context) -> Iterator[Finding]:
    if not action.concurrently or context.fails or context.created_here(action.relation) or _cleared(action, context):
        return
    if action.if_not_exists:
        again, then = "keeps the INVALID index", "IF NOT EXISTS takes it for the index that was asked for."
    elif context.operation.is_a("AddIndexConcurrently"):
        return
    elif action.name is None:
        again, then = "builds another one beside the INVALID index", "Nobody knows its name, so nobody drops it."
    else:
        again, then = "fails: the name is taken", "Somebody has to find out, and drop it by hand."
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.name or keys(action),
        severity=Severity.WARNING if action.if_not_exists else Severity.INFO,
        index=action.name or f"on {keys(action)}",
        again=again,
        then=then,
        fix=_fix(action, context),
    )


def _cleared(action: CreateIndex, context: Context) -> bool:
    """Whether the index is dropped just before."""
    return action.name is not None and any(
        isinstance(other, DropIndex) and other.index.name == action.name for other in context.earlier()
    )


def _fix(action: CreateIndex, context: Context) -> str:
    name = index_name(action)
    if name is None:
        return "Give the index a name, and drop what has that name before: `DROP INDEX CONCURRENTLY IF EXISTS …`."
    drop = run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}", None)
    written = str(context.written) if context.written else run_sql(context.statement.parsed.sql, None)
    return steps("Drop what an earlier attempt may have left, then build:", migration(drop, written, atomic=False))
