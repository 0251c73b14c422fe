"""A model that settings can swap, depended on in the wrong way.

## What it catches
A field that refers to a swappable model (``settings.AUTH_USER_MODEL``), where

- the migration depends neither on ``migrations.swappable_dependency(…)`` nor otherwise on what makes that model;
- it does, which means the first migration of that app, and the model is made by a later one;
- the field names a model that is swapped out (``"auth.User"`` though AUTH_USER_MODEL says otherwise);
- the dependency is hard-coded to the app that has the model by default.

A project that names its own user model is not reported: that works.

## Why it hurts
Without a dependency it is luck whether the model exists when the migration runs. A model that is swapped out has no
table on an empty database: the migration fails there. A hard-coded dependency breaks wherever the model is swapped.

## Do this instead
Refer to ``settings.AUTH_USER_MODEL`` and depend on ``migrations.swappable_dependency(settings.AUTH_USER_MODEL)``.
"""

from collections.abc import Iterator

from migsafe.applied import Key, Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._dependencies import Unordered, adding, makers, unordered
from migsafe.rules._fixes import steps, swappable

rule = Rule(
    __name__,
    code="MS719",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{what}",
    why="{why}",
)

BY_SETTING = "Depend on what the setting says:"


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    made = makers(context)
    for node in context.own():
        yield from _swapped_out(node, context)
        missing = {one.reference.setting: one for one in unordered(node, context.graph, made) if one.reference.setting}
        for setting, one in missing.items():
            yield _missing(node, setting, one, context)
        for setting, parent in _hard_coded(node, context, made).items():
            if setting not in missing:
                yield rule.in_history(
                    context,
                    node.key,
                    about=setting,
                    severity=Severity.INFO,
                    what=f"Refers to what {setting} names, but depends on {'.'.join(parent)} whatever that is",
                    why=f"Where {setting} names a model of another app, it is luck whether that exists when this runs.",
                    fix=steps(BY_SETTING, adding(swappable(setting))),
                )


def _swapped_out(node: Node, context: HistoryContext) -> Iterator[Finding]:
    found = {one.label: one for one in node.refers_to if one.label in context.graph.swapped}
    for label, one in found.items():
        setting = context.graph.swapped[label]
        model = context.graph.swappable[setting]
        yield rule.in_history(
            context,
            node.key,
            about=label,
            what=f"{f'Field {one.field}' if one.field else 'A base class'} refers to {label}, which {model} has"
            f" replaced ({setting})",
            why=f"{label} has no table on a database that is new: the migration fails there.",
            fix=steps(f"Write `settings.{setting}` in its place, and:", adding(swappable(setting))),
        )


def _missing(node: Node, setting: str, one: Unordered, context: HistoryContext) -> Finding:
    label, maker = one.reference.label, ".".join(one.maker)
    known = {*context.graph.ancestors(node.key), node.key}
    by_setting = any(each.setting == setting for key in known for each in context.graph.nodes[key].dependencies)
    return rule.in_history(
        context,
        node.key,
        about=setting,
        what=f"Refers to {label} ({setting}), which {maker} makes, but "
        + (f"only depends on the first migration of {one.maker[0]}" if by_setting else "does not depend on that"),
        why=(
            f"{label} cannot exist when this runs, since {maker} depends on it."
            if one.never
            else f"It is luck whether {label} exists when this runs: in another order of the apps it fails."
        ),
        fix=(
            f"Make {label} in the first migration of its app: that is what `swappable_dependency` stands for."
            if by_setting or one.never
            else steps(BY_SETTING, adding(swappable(setting)))
        ),
    )


def _hard_coded(node: Node, context: HistoryContext, made: dict[str, list[Key]]) -> dict[str, Key]:
    """Settings whose model, one of another team's, only a dependency of the migration's own leads to."""
    nodes = context.graph.nodes
    found: dict[str, Key] = {}
    for one in node.refers_to:
        apps = {key[0] for key in made.get(one.label, ()) if not nodes[key].own}
        for each in node.dependencies:
            if one.setting and each.app in apps and each.setting is None:
                found[one.setting] = (each.app, each.name)
    own = [key for key in (context.graph.ancestors(node.key) if found else ()) if nodes[key].own]
    right = {each.setting for key in (node.key, *own) for each in nodes[key].dependencies}
    return {setting: written for setting, written in found.items() if setting not in right}
