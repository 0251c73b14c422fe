"""Something that the historical model does not have.

## What it catches
In a ``RunPython``, names that a historical model does not have at this point of the history: fields in ``filter()``,
``values()``, ``update()``, ``order_by()``, ``F()``, ``Q()`` and the like, also behind relations; attributes of an
instance or of the model; methods of a manager. Only what is written out is judged: a name that is put together at run
time is not.

## Why it hurts
The migration stops with ``FieldError``, ``AttributeError`` or ``TypeError``. Historical models have fields and
relations, but no methods, properties or constants of their own, and custom managers only with ``use_in_migrations``.
An attribute that is set though there is no such field is not written, and nobody is told.

## Do this instead
Use the fields that the model has at this point, copy what is needed of its methods into the migration, and depend on
the migration that adds the field.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import Attribute, PythonFunction
from migsafe.rules import OperationContext, Rule
from migsafe.rules._python import at, who

rule = Rule(
    __name__,
    code="MS509",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="{who} {does} {model}.{name}, which does not exist at this point of the history",
    why="{why}",
)

WHY = {
    "query": "The query names a field that the model does not have here, and Django raises an error.",
    "instance": (
        "Historical models have fields and relations; methods, properties and constants of the class are not there."
    ),
    "model": "Historical models have fields and managers; methods and constants of the class are not there.",
    "manager": "Historical models have the methods of custom managers only with `use_in_migrations = True`.",
    "assigned": "Setting an attribute that is no field raises nothing, and `save()` does not write it.",
}


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        for missing in function.reading.missing:
            yield rule.finding(
                at(function, missing.place, context),
                about=f"{missing.model}.{missing.name}",
                who=who(function, missing.place, context),
                does="sets" if missing.of == "assigned" else "uses",
                model=missing.model.rpartition(".")[2],
                name=missing.name,
                why=WHY[missing.of],
                fix=_fix(function, missing),
            )


def _fix(function: PythonFunction, missing: Attribute) -> str:
    model = function.models.get(missing.model)
    names = function.models.queried(model) if model else {}
    near = get_close_matches(missing.name.partition("__")[0], names, n=1, cutoff=0.7)
    if near and near[0] != missing.name.partition("__")[0]:
        return f"Did you mean `{near[0]}`?"
    if missing.of == "manager":
        return "Write the query out, with `filter()` and what else it consists of."
    if missing.of in ("instance", "model"):
        return "Copy what is needed of it into the migration: there it stays as it is now."
    return "Use a field that the model has here, or add to `dependencies` the migration that adds it."
