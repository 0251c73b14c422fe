"""A model of another app that is there only by luck.

## What it catches
A field or a base class that refers to a model of another app, in a migration that depends neither directly nor through
others on the migration that makes the model. (Of code in ``RunPython``, MS510 says the same.)

## Why it hurts
It works as long as Django happens to apply the other app first. In another order (``migrate APP`` alone, one more app
or migration, a database of tests with fewer apps) the model does not exist yet: "Related model … cannot be resolved",
or "… was declared with a lazy reference to …".

## Do this instead
Add the migration that makes the model to ``dependencies``.
"""

from collections.abc import Iterator

from migsafe.applied import Key, Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._dependencies import Unordered, adding, makers, unordered
from migsafe.rules._fixes import pair, steps

rule = Rule(
    __name__,
    code="MS718",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{what} {models}, which {maker} makes, but the migration {lacks}",
    why="{why}",
)

LUCK = (
    "Which of the two runs first is luck: in another order, as with `migrate {app}` on an empty database, the model"
    " does not exist yet, and the migration fails."
)
NEVER = "{maker} depends on this migration, so the model cannot exist when it runs: it fails on every empty database."


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    made = makers(context)
    for node in context.own():
        missing: dict[Key, list[Unordered]] = {}
        for one in unordered(node, context.graph, made):
            # Of models that can be swapped, another rule speaks.
            if not one.reference.setting and one.reference.label not in context.graph.swapped:
                missing.setdefault(one.maker, []).append(one)
        for maker, found in missing.items():
            names = {"app": node.app, "maker": ".".join(maker)}
            yield rule.in_history(
                context,
                node.key,
                about=".".join(maker),
                what=_what(found),
                models=" and ".join(dict.fromkeys(one.reference.label for one in found)),
                maker=names["maker"],
                lacks=_lacks(node, found[0]),
                why=(NEVER if found[0].never else LUCK).format_map(names),
                fix=_fix(node, found[0]),
            )


def _what(found: list[Unordered]) -> str:
    fields = list(dict.fromkeys(one.reference.field for one in found if one.reference.field))
    if not fields:
        return "A base class is"
    return f"Field {fields[0]} refers to" if len(fields) == 1 else f"Fields {' and '.join(fields)} refer to"


def _lacks(node: Node, one: Unordered) -> str:
    if one.never:
        return "comes before that"
    first = any(each.app == one.maker[0] and each.name == "__first__" for each in node.dependencies)
    return "depends on the first migration of that app only" if first else "does not depend on that"


def _fix(node: Node, one: Unordered) -> str:
    if one.never:
        return f"Move the field to a migration of {node.app} that depends on `{'.'.join(one.maker)}`."
    return steps("Say that it has to come first:", adding(pair(one.maker)))
