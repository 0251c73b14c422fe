"""A statement of a pending migration is likely to take longer than the server lets it.

## What it catches
A pending migration whose longest statement is estimated to take longer than the ``statement_timeout`` that the
session which looks has, and so one of ``migrate`` with the same settings, unless it sets its own.

## Why it hurts
The statement is cancelled when it is almost done, and the deploy fails; what was not in a transaction stays half
done.

## Do this instead
Begin that migration with ``SET statement_timeout = 0``, or give the role that migrates a longer one.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import lasting
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS910",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="{app}.{migration} works on {relation} for {words}, and {user} has a statement_timeout of {limit}",
    why="The server cancels it on the way, and the deploy fails.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    limit = context.status.statement_timeout
    for migration in (one for one in context.pending if limit and "statement_timeout" not in one.sets):
        for target in migration.targets:
            if limit and target.estimate and target.estimate.seconds > limit:
                yield rule.at_gate(
                    context,
                    migration,
                    relation=target.relation,
                    words=lasting(target.estimate.seconds),
                    user=context.status.user,
                    limit=lasting(limit),
                    fix=steps(
                        "Give the role that migrates more time:",
                        f"```sql\nALTER ROLE {quoted(context.status.user)} SET statement_timeout = 0;\n```",
                    ),
                )
                break
