"""A model or field that is there only by luck.

## What it catches
A ``RunPython`` that uses a model or field of a migration on which its own migration does not depend, neither directly
nor through others.

## Why it hurts
It works as long as the other one happens to come first. Django is free to choose another order, and does when apps or
migrations are added, or on a database that has fewer of them: then the migration fails.

## Do this instead
Add the migration to ``dependencies``.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import Place, PythonFunction
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at, who

rule = Rule(
    __name__,
    code="MS510",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="{who} uses {name}, which {other} makes, but the migration does not depend on that",
    why="Which of the two runs first is luck: in another order, {name} does not exist yet, and the migration fails.",
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        seen = set()
        for key, place in _uses(function):
            other = _luck(function, key)
            if other is None or other in seen:
                continue
            seen.add(other)
            app, _, name = other.partition(".")
            yield rule.finding(
                at(function, place, context),
                about=other,
                who=who(function, place, context),
                name=_shown(function, key),
                other=other,
                fix=steps(
                    "Say that it has to come first:",
                    python("dependencies = [", "    ...,", f'    ("{app}", "{name}"),', "]"),
                ),
            )


def _uses(function: PythonFunction) -> Iterator[tuple[str, Place]]:
    for model in function.reading.models:
        yield model.label.lower(), model.place
    for field in function.reading.fields:
        yield field.key, field.place


def _luck(function: PythonFunction, key: str) -> str | None:
    return function.models.by_luck.get(key)


def _shown(function: PythonFunction, key: str) -> str:
    """A lower-case key as the code spells it."""
    app, model, *field = key.split(".")
    found = function.models.get(f"{app}.{model}")
    return ".".join((found.label if found else f"{app}.{model}", *field))
