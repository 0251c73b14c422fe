"""A model of today in a migration of some day.

## What it catches
``RunPython`` functions that use a model as the code has it now (imported from ``models``, from the registry in
``django.apps``, by ``get_user_model()``, or through ``loaddata``), in place of ``apps.get_model()``.

## Why it hurts
The migration also runs later: on a new database, a colleague's, in a restore. By then the class has fields that the
table does not have yet at this point, or the class is gone, and the migration fails with "column … does not exist" or
``ImportError``. Signals and an overridden ``save()`` run, too.

## Do this instead
Ask the registry that the function is given.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import PythonFunction, RealModel
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at, who

rule = Rule(
    __name__,
    code="MS507",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="{who} uses {what} as the code has it today",
    why=(
        "As soon as the model gets another field or is removed, this migration fails on every database where it has not"
        " run yet: it asks for columns that do not exist there at this point."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        seen = set()
        for use in function.reading.real:
            about = use.label or use.written
            if about not in seen:
                seen.add(about)
                yield rule.finding(
                    at(function, use.place, context),
                    about=about,
                    who=who(function, use.place, context),
                    what=_what(use),
                    fix=_fix(use, function),
                )


def _what(use: RealModel) -> str:
    if not use.label:
        return f"the models that {use.written} fills"
    return "the user model" if use.label == "get_user_model()" else f"the model {use.label}"


def _fix(use: RealModel, function: PythonFunction) -> str:
    if not use.label:
        return "Create the rows in the migration, with models from `apps.get_model()`: fixtures use those of today."
    if use.label == "get_user_model()":
        code = "User = apps.get_model(settings.AUTH_USER_MODEL)"
    else:
        app, _, model = use.label.partition(".")
        code = f'{model} = apps.get_model("{app}", "{model}")'
    if use.place.function == function.name:
        return steps("Take it from the registry that the function is given:", python(code))
    given = function.name.rpartition(".")[2]
    return steps(f"Take it from the registry that {given}() is given, and hands on:", python(code))
