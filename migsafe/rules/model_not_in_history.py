"""A model that the historical registry does not have.

## What it catches
``apps.get_model()`` in a ``RunPython`` of a model that does not exist at this point of the history: it is made later,
has been renamed or deleted before, or is written wrongly.

## Why it hurts
The migration stops with ``LookupError``.

## Do this instead
Name the model as it was called at this point, and depend on the migration that makes it.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import PythonFunction
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at, who

rule = Rule(
    __name__,
    code="MS508",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="{who} asks for the model {label}, which does not exist at this point of the history",
    why="`apps.get_model` knows the models as the migrations before this one have left them, and raises LookupError.",
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        for use in function.reading.models:
            if not use.exists:
                yield rule.finding(
                    at(function, use.place, context),
                    about=use.label,
                    who=who(function, use.place, context),
                    label=use.label,
                    fix=_fix(function, use.label),
                )


def _fix(function: PythonFunction, label: str) -> str:
    near = get_close_matches(label.lower(), function.models.by_key, n=1, cutoff=0.7)
    if not near:
        return "Name a model that the migrations before it have made, or add to `dependencies` the one that makes it."
    app, _, model = function.models.by_key[near[0]].label.partition(".")
    return steps("Did you mean", python(f'apps.get_model("{app}", "{model}")'))
