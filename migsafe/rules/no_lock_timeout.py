"""Migrations that wait for locks as long as it takes.

## What it catches
Once in a run: migrations that take ACCESS EXCLUSIVE on tables in use, where neither the settings (``OPTIONS`` of the
database) nor the migration sets a ``lock_timeout``. Whether the role or the server has one, only they know.

## Why it hurts
The lock is needed for a moment, but a query that is still running makes the migration wait for it, and everybody who
comes later waits behind the migration. One long report and a harmless ``ADD COLUMN`` put a table out of use.

## Do this instead
Let migrations give up after a few seconds, and run them again: set ``lock_timeout`` for the role that they connect as.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from migsafe.model import Axis, Effect, Finding, LockMode, Severity
from migsafe.postgres.locks import blocks
from migsafe.postgres.words import requests
from migsafe.rules import MigrationContext, Pending, Rule
from migsafe.rules._fixes import python, steps
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import named
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS605",
    severity=Severity.INFO,
    axis=Axis.LOCKS,
    sized=False,
    message="Without a lock_timeout this migration waits for {lock} on {relation} as long as it takes",
    why=(
        "A query on {relation} that is still running makes the migration wait. While it waits, {requests} waits behind"
        " it, even those that the running query would let pass."
    ),
)

LOCK = LockMode.ACCESS_EXCLUSIVE


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Pending]:
    if context.database.lock_timeout:
        return
    for executed in context.executed:
        step = executed.step
        for effect in step.effects:
            relation = named(effect.relation)
            if (
                effect.lock is LOCK
                and not step.before.index(relation)
                and not context.is_created(relation, step.before)
            ):
                surroundings = context.action_context(executed)
                if surroundings.gives_up:
                    return
                found = rule.finding(
                    surroundings,
                    relation=relation,
                    lock=LOCK.value,
                    requests=requests(Effect(effect.relation, LOCK, False, False, blocks(LOCK))),
                    fix=_fix(context),
                )
                yield Pending(found)
                return


@rule.on_end
def check_end(pending: Sequence[Pending], _: Callable[[], Catalog]) -> Iterator[Finding]:
    first, more = pending[0].finding, len(pending) - 1
    others = f", and so do {more} others" if more > 1 else ", and so does another one" if more else ""
    yield replace(first, message=first.message + others)


def _fix(context: MigrationContext) -> str:
    role = quoted(context.database.user or "…")
    return steps(
        "Set it for the role that runs migrations. A migration then fails after five seconds, nothing has changed, and"
        " it can be run again:",
        f"```sql\nALTER ROLE {role} SET lock_timeout = '5s';\n```",
        "Or in the settings that migrations run with (PgBouncer passes it on only if it is told to):",
        python(
            f'options = DATABASES["{context.database.alias}"].setdefault("OPTIONS", {{}})',
            'options["options"] = "-c lock_timeout=5s"',
        ),
        "What runs CONCURRENTLY has to wait for old transactions: begin such a migration with `SET lock_timeout = 0`.",
    )
