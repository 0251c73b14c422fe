"""A suppression of what is not there.

## What it catches
A comment ``migsafe: ignore[MS201]: …``, or an entry of ``per-migration-ignores``, to which no finding belongs: the
migration was changed, the comment stands at the wrong place, or the code is another one. It is only judged if the rule
was run and the migration was looked at.

## Why it hurts
It would hide the finding when it comes: after the next edit, or with another version of PostgreSQL.

## Do this instead
Remove it, or put it where the finding is: on a line of the operation, or directly above it.
"""

from migsafe.model import Axis, Finding, Migration, Severity
from migsafe.rules import Rule

rule = Rule(
    __name__,
    code="MS003",
    severity=Severity.INFO,
    axis=Axis.ANALYSIS,
    suppressable=False,
    message="{code} is ignored {where}, but there is no such finding",
    why="It would hide the finding when it comes: after the next edit, or with another version of PostgreSQL.",
)


def in_comment(code: str, migration: Migration, operation: int | None, line: int | None) -> Finding:
    """A comment that ignores nothing, as a finding."""
    return rule.finding_at(
        app=migration.app,
        migration=migration.name,
        operation=operation,
        path=migration.path,
        line=line,
        about=code,
        code=code,
        where="here",
        fix=f"Take {code} out of the comment, or put the comment on a line of what the finding is about, or directly"
        " above it.",
    )


def in_config(code: str, migration: Migration, file: str | None) -> Finding:
    """An entry of ``per-migration-ignores`` that ignores nothing, as a finding.

    Args:
        file: Where it stands.
    """
    name = f"{migration.app}.{migration.name}"
    return rule.finding_at(
        app=migration.app,
        migration=migration.name,
        path=file,
        about=f"per-migration-ignores {code}",
        code=code,
        where=f"for {name} in per-migration-ignores",
        fix=f"Take {code} out of the entry for `{name}` in `per-migration-ignores`.",
    )
