"""An entry of the baseline that no longer matches.

## What it catches
An entry of the file that ``--baseline`` names to which no finding belongs any more. It is only judged if its rule was
run and its migration was looked at, or is gone.

## Why it hurts
It would hide the same finding if it came back.

## Do this instead
Write the baseline anew: what is not found any more is then no longer in it.
"""

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS004",
    severity=Severity.INFO,
    axis=Axis.ANALYSIS,
    suppressable=False,
    message="the baseline has {code} of {migration_name}, which is no longer found: {said}",
    why="The baseline would hide the same finding if it came back.",
)


def finding(code: str, migration: str, said: str, *, fingerprint: str, file: str, line: int) -> Finding:
    """An entry that matches nothing, as a finding.

    Args:
        migration: ``APP.NAME``.
        said: The message that the finding had.
    """
    return rule.finding_at(
        path=file,
        line=line,
        about=fingerprint,
        code=code,
        migration_name=migration,
        said=said,
        fix=steps("Write the baseline anew:", "```sh\nmigsafe baseline\n```"),
    )
