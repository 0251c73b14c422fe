"""A suppression that does not count.

## What it catches
A comment ``migsafe: …`` that is not of the form ``ignore[MS201]: reason``: without a reason, without codes, with the
beginning of a code or a code that no rule has.

## Why it hurts
It ignores nothing. And where it has no reason, nobody can tell later whether it still holds.

## Do this instead
Name each code in full, and say why the finding is no problem here.
"""

from collections.abc import Iterable

from migsafe.model import Axis, Finding, Migration, Severity
from migsafe.rules import Rule
from migsafe.rules._fixes import python, steps

rule = Rule(
    __name__,
    code="MS002",
    severity=Severity.WARNING,
    axis=Axis.ANALYSIS,
    suppressable=False,
    message="this suppression does not count: {problem}",
    why="What it is about is reported as if the suppression were not there.",
)


def finding(
    problem: str, codes: Iterable[str], migration: Migration, operation: int | None, line: int | None
) -> Finding:
    """What is wrong with a comment, as a finding.

    Args:
        codes: Those in it that are right.
    """
    code = ", ".join(codes) or "MS201"
    return rule.finding_at(
        app=migration.app,
        migration=migration.name,
        operation=operation,
        path=migration.path,
        line=line,
        about=problem,
        problem=problem,
        fix=steps(
            "Give the codes in full, and a reason that will still mean something in a year:",
            python(f"# migsafe: ignore[{code}]: 300 rows, and only the nightly import writes them"),
        ),
    )
