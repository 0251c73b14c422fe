"""Rules of other packages. They are what migsafe's own are: a module each, with a docstring and a ``rule``.

A plug-in is an entry point in the group ``migsafe.rules`` that names a package, whose modules are its rules, or a
single module. Only those that the configuration names are imported.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from migsafe.errors import PluginError
from migsafe.rules._rule import SECTIONS, Rule

GROUP = "migsafe.rules"

OWN_CODES = "MS"
"""What codes of migsafe's own rules begin with."""

HINT = "docs/plugins.md says what a plug-in has to be."


def load_plugin(name: str) -> tuple[Rule, ...]:
    """Load the rules of a plug-in.

    Raises:
        PluginError: It is not installed, cannot be imported, or its rules are not what rules have to be: all that is
            wrong in one message.
    """
    modules = tuple(_modules(name))
    mistakes = [f"plug-in {name!r}: {module.__name__} {mistake}" for module in modules for mistake in _mistakes(module)]
    if not modules:
        mistakes.append(f"plug-in {name!r} has no rules")
    if mistakes:
        raise PluginError("\n".join(mistakes), HINT)
    return tuple(module.rule for module in modules)


def check_clashes(rules: Sequence[Rule]) -> None:
    """Check that no two rules have the same code or name.

    Raises:
        PluginError: Some have.
    """
    mistakes = []
    for what in ("code", "name"):
        first: dict[str, Rule] = {}
        for rule in rules:
            other = first.setdefault(getattr(rule, what), rule)
            if other is not rule:
                mistakes.append(f"{getattr(rule, what)} is the {what} of two rules: {other.module} and {rule.module}")
    if mistakes:
        raise PluginError("\n".join(mistakes), "Only the plug-in can change that: codes and names have to be its own.")


def describe(error: BaseException) -> str:
    """The last line of an error's traceback, and the place outside of migsafe where it was raised."""
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} ({error.filename}:{error.lineno})"
    message = str(error).strip().partition("\n")[0]
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    frames = [frame for frame in extract_tb(error.__traceback__) if _is_foreign(frame.filename)]
    return f"{text} ({frames[-1].filename}:{frames[-1].lineno})" if frames else text


def _is_foreign(file: str) -> bool:
    ours = (Path(__file__).parents[1], Path(importlib.__file__).parent)
    return not file.startswith("<") and not any(map(Path(file).is_relative_to, ours))


def _modules(plugin: str) -> Iterator[ModuleType]:
    """Import the package or module that the entry point names, and the public modules of the package."""
    module = _import(_entry_point(plugin).module, plugin)
    if not hasattr(module, "__path__"):
        yield module
        return
    for _, name, _ in pkgutil.iter_modules(module.__path__):
        if not name.startswith("_"):
            yield _import(f"{module.__name__}.{name}", plugin)


def _entry_point(plugin: str) -> EntryPoint:
    installed = entry_points(group=GROUP)
    points = {point.value: point for point in installed if point.name == plugin}
    if not points:
        near = get_close_matches(plugin, installed.names)
        known = ", ".join(sorted(installed.names)) or "none"
        raise PluginError(
            f"plug-in {plugin!r} is not installed",
            f"Did you mean {' or '.join(near)}?" if near else f"Installed in {sys.prefix}: {known}.",
        )
    if len(points) > 1:
        raise PluginError(
            f"there are several plug-ins {plugin!r}: {' and '.join(sorted(points))}", "Uninstall all but one of them."
        )
    (point,) = points.values()
    if point.attr:
        raise PluginError(f"plug-in {plugin!r}: its entry point has to name a module, not {point.value!r}", HINT)
    return point


def _import(module: str, plugin: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"plug-in {plugin!r}: {module} fails to import: {describe(error)}",
            f"Correct it, or take {plugin!r} out of plugins in the configuration.",
        ) from error


def _mistakes(module: ModuleType) -> Iterator[str]:
    rule = getattr(module, "rule", None)
    if not isinstance(rule, Rule):
        yield "has no rule (rule = Rule(__name__, …))" if rule is None else f"has a rule that is no Rule but {rule!r}"
        return
    if rule.module != module.__name__:
        yield f"has a rule of the name {rule.module!r}: its first argument has to be __name__"
    if not re.fullmatch(r"[A-Z]+[0-9]{3}", rule.code):
        yield f"has the code {rule.code!r}: it has to be capital letters and three digits"
    if rule.code.startswith(OWN_CODES):
        yield f"has the code {rule.code!r}: codes with {OWN_CODES} are migsafe's own"
    if not rule.summary:
        yield "has no docstring that begins with what the rule catches"
    yield from (f"has no section '## {title}' in its docstring" for title in SECTIONS if not rule.sections.get(title))
    if not rule.is_used:
        yield (
            "has a rule with no check"
            " (@rule.on(…), @rule.on_operation, @rule.on_migration, @rule.on_verification, @rule.on_history)"
        )
    if rule.lints and rule.verifies:
        yield "has a rule for lint and for verify: make two of it"
