"""A check of the deploy before is not met.

## What it catches
A pending migration of deploy 2 or later of a plan that ``migsafe plan --write`` has kept, where the query that the
plan has the deploy before checked by does not give on this server what it has to, or could not be asked.

## Why it hurts
The migration counts on it: that all rows are filled, that a constraint is valid. It fails, or takes what is still
needed.

## Do this instead
Finish what the deploy before has begun, and ask again.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.predeploy import Answer
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS914",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{app}.{migration} is in deploy {number} of {plan}, and the one before is not done: {given}",
    why="It counts on that: {what}.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for deploy in context.deploys:
        for answer in (one for one in deploy.answers if not one.holds):
            for key in deploy.migrations:
                yield rule.at_gate(
                    context,
                    context.migration(key),
                    about=answer.sql,
                    number=str(deploy.number),
                    plan=deploy.plan,
                    given=_given(answer),
                    what=answer.what,
                    evidence=[Evidence("asked", answer.sql, "sql")],
                    fix=steps("Finish what the deploy before has begun, and ask again:", f"```sql\n{answer.sql}\n```"),
                )


def _given(answer: Answer) -> str:
    if answer.given is None:
        return f"its check could not be asked ({answer.error})"
    return f"its check gives {answer.given} instead of {answer.expected}"
