"""Sessions are older than the deploy before: they may run code that does not know it.

## What it catches
Sessions of the role that looks, or of others in the same database, that connected before the last migration of the
deploy before was applied, where a migration of the next deploy of a kept plan is pending.

## Why it hurts
The next deploy counts on every process running the release before. One that was connected before may be an old one.

## Do this instead
Look what these are: workers that were not restarted, or a shell and a monitoring tool, which do not matter.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._evidence import some
from migsafe.rules._sessions import who

rule = Rule(
    __name__,
    code="MS915",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{app}.{migration} is in deploy {number} of {plan}, and {count} sessions are older than the deploy before",
    why="They may be processes that still run the release before that.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for deploy in context.deploys:
        since = deploy.since
        old = [one for one in context.status.sessions if since and one.user and one.started and one.started < since]
        if old:
            yield rule.at_gate(
                context,
                context.migration(deploy.migrations[0]),
                number=str(deploy.number),
                plan=deploy.plan,
                count=str(len(old)),
                evidence=[Evidence("connected before", "\n".join(some([who(one) for one in old])))],
                fix="Restart what still runs the old release. Behind a pooler that keeps connections this says"
                " nothing: make sure that every process runs the new release, and go on.",
            )
