"""A domain's new constraint, checked on every table that uses it.

## What it catches
``ALTER DOMAIN … ADD CONSTRAINT`` without NOT VALID, ``VALIDATE CONSTRAINT`` and ``SET NOT NULL`` of a domain that
columns of tables in use have.

## Why it hurts
PostgreSQL reads every row of each of these tables, and lets nobody write to any of them until it has read them all.

## Do this instead
Add it NOT VALID: new values are checked at once, and nothing is read. To know that the old ones are right too, check
them with a CHECK constraint of the table, which can be validated while people write.
"""

from collections.abc import Iterator

from migsafe.actions import AlterDomain
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.effects import named
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS414",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{change} domain {domain} holds {lock} on {tables} while it reads all rows",
    why=(
        "PostgreSQL makes sure that no value of the domain breaks the rule, in every table that uses it. Until it has"
        " read them all, {requests} waits{others}."
    ),
)

CHANGES = {"add constraint": "Adding a constraint to", "validate": "Validating", "set not null": "SET NOT NULL on"}


@rule.on(AlterDomain)
def check(action: AlterDomain, context: Context) -> Iterator[Finding]:
    read = [one for one in context.effects if one.scans and not context.created_here(named(one.relation))]
    if action.change not in CHANGES or not read:
        return
    name = action.name or (action.constraint.name if action.constraint else None)
    yield rule.finding(
        context,
        relation=named(read[0].relation),
        about=f"{action.domain} {name or action.change}",
        change=f"Validating {name} of" if action.change == "validate" else CHANGES[action.change],
        domain=str(action.domain),
        lock=read[0].lock.value,
        tables=", ".join(one.relation for one in read),
        requests=requests(read[0]),
        others=", as for the other tables" if len(read) > 1 else "",
        fix=_fix(action),
    )


def _fix(action: AlterDomain) -> str:
    if action.change == "validate":
        return (
            "Leave it NOT VALID: every new value is checked all the same. To know that the old ones are right, add the"
            " same CHECK to each table that uses the domain, NOT VALID, and validate that (see MS301)."
        )
    domain = quoted(action.domain)
    constraint = action.constraint
    name = quoted((constraint.name if constraint else None) or f"{action.domain.name}_check")
    condition = constraint.expression.sql if constraint and constraint.expression else "VALUE IS NOT NULL"
    return steps(
        "Add it without looking at the rows; new values are checked from now on:",
        migration(
            run_sql(
                f"ALTER DOMAIN {domain}\nADD CONSTRAINT {name} CHECK ({condition}) NOT VALID",
                f"ALTER DOMAIN {domain}\nDROP CONSTRAINT {name}",
            )
        ),
        "Leave it at that. To know that the old values are right too, add the same CHECK to each table that uses the"
        " domain, NOT VALID, and validate that (see MS301).",
    )
