"""A function that RunPython cannot call.

## What it catches
``RunPython`` functions that do not take two arguments, the historical registry and the schema editor; and those whose
call does nothing, since they are coroutines or have a ``yield``.

## Why it hurts
``migrate`` calls them with two positional arguments and stops with ``TypeError``, in the middle of the deploy; what a
generator or a coroutine was to do does not happen at all.

## Do this instead
``def function(apps, schema_editor):``, with defaults for all parameters after these.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import Place
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at

rule = Rule(
    __name__,
    code="MS511",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="{name}{signature} does not work as {role} of RunPython: {refuses}",
    why="`migrate` calls it as `{name}(apps, schema_editor)`.",
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        if function.refuses:
            name = function.name.rpartition(".")[2]
            yield rule.finding(
                at(function, Place(name, function.line or 0), context),
                about=function.name,
                name=name,
                signature=function.signature,
                role="reverse_code" if function.reverse else "code",
                refuses=function.refuses,
                fix=steps("Write it as", python(f"def {name}(apps, schema_editor):", "    ...")),
            )
