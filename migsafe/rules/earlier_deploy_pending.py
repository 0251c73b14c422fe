"""A later deploy of a plan is pending together with an earlier one.

## What it catches
Migrations of deploy 2 or later of a plan that ``migsafe plan --write`` has kept, where migrations of an earlier
deploy of the same plan are pending too.

## Why it hurts
``migrate`` would carry out both at once, and the code of the release between would never have run: what it should
have written is missing, and what old code still needs goes away under it.

## Do this instead
Deploy the earlier release first, wait until every process runs it, and then this one.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS913",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{app}.{migration} is in deploy {number} of {plan}, and {earlier} of an earlier deploy is pending too",
    why="The code of the release between has never run: what it should have written is missing.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for deploy in context.deploys:
        if deploy.together:
            for key in deploy.migrations:
                yield rule.at_gate(
                    context,
                    context.migration(key),
                    number=str(deploy.number),
                    plan=deploy.plan,
                    earlier=".".join(deploy.together[0]),
                    fix=steps(
                        f"Deploy the release that has these alone first, and with it the code that the plan asks for:"
                        f" {', '.join(map('.'.join, deploy.together))}. Or only apply these now:",
                        shell(*(f"python manage.py migrate {' '.join(one)}" for one in deploy.together)),
                    ),
                )
