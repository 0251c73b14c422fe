"""A table of a pending migration has a constraint that was never validated.

## What it catches
A constraint that is NOT VALID on a table that a pending migration locks, unless one of them validates or drops it.

## Why it hurts
New rows keep to it, but of the old ones nothing is known: the planner does not count on it, SET NOT NULL and ATTACH
PARTITION read the whole table in spite of it, and code that counts on it meets rows that it does not expect. Mostly a
deploy was left half done.

## Do this instead
Validate it: that reads the table, and keeps neither readers nor writers out.
"""

from collections.abc import Iterator

from migsafe.actions import Name
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS918",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="Constraint {constraint} of {relation}, which {app}.{migration} is about, is not validated",
    why="Whether old rows satisfy it, nobody knows.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for one in context.status.unvalidated:
        migration = next((each for each in context.pending if each.target(one.relation)), None)
        if migration and not any(one.name in each.settles for each in context.pending):
            schema, _, table = one.relation.rpartition(".")
            yield rule.at_gate(
                context,
                migration,
                relation=one.relation,
                about=one.name,
                constraint=one.name,
                evidence=[Evidence("definition", one.definition, "sql")],
                fix=steps(
                    "Validate it:",
                    f"```sql\nALTER TABLE {quoted(Name(table, schema or None))}"
                    f" VALIDATE CONSTRAINT {quoted(one.name)};\n```",
                ),
            )
