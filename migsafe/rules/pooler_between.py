"""A connection pooler stands between ``migrate`` and the server.

## What it catches
That the server knows another process than the one that the driver was told of: PgBouncer and the like hand out
process IDs of their own. A warning where a pending migration is not atomic or sets something for its session; else it
is but told: whether the pooler works by session or by transaction, it does not say.

## Why it hurts
In transaction pooling every transaction may run in another session: ``SET lock_timeout``, advisory locks and what a
session knows are not where the migration expects them, and stay behind in sessions of others. A pooler's own timeouts
end long statements.

## Do this instead
Let ``migrate`` and the gate connect to the server itself: a second entry in DATABASES or another host in the
environment.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import GateContext, Rule

rule = Rule(
    __name__,
    code="MS911",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="A connection pooler stands between migrate and the server",
    why="Settings and locks of a session may be in another one when the migration needs them.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    if context.status.pooler and context.pending:
        sensitive = any(one.sets or (one.targets and not one.atomic) for one in context.pending)
        yield rule.at_gate(
            context,
            severity=Severity.WARNING if sensitive else Severity.INFO,
            evidence=[Evidence("seen", context.status.pooler)],
            fix="Let `migrate` and `migsafe gate` connect to the server itself: another host and port, or `--database`"
            " with an alias of its own.",
        )
