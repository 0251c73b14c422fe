"""Hazards, one per file.

A rule's name is its module's name, and its documentation is its module's docstring, with the `SECTIONS`. Nothing lists
the rules: `all_rules` finds them. Modules that start with an underscore are what rules are made with.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

from migsafe.errors import ConfigError
from migsafe.rules._checker import Checked, Checker
from migsafe.rules._context import Change, Context, Executed, MigrationContext, OperationContext
from migsafe.rules._rule import SECTIONS, Pending, Rule

__all__ = [
    "GROUPS",
    "SECTIONS",
    "Change",
    "Checked",
    "Checker",
    "Context",
    "Executed",
    "MigrationContext",
    "OperationContext",
    "Pending",
    "Rule",
    "all_rules",
    "choose_rules",
]

GROUPS = {
    "MS0": "migsafe itself",
    "MS1": "Columns",
    "MS2": "Indexes",
    "MS3": "Constraints",
    "MS4": "Tables",
    "MS5": "Data",
    "MS6": "Transactions",
    "MS7": "History",
}
"""What rules are about, by the beginnings of their codes."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of this package, by code."""
    names = [name for _, name, _ in pkgutil.iter_modules(__path__) if not name.startswith("_")]
    rules: list[Rule] = [importlib.import_module(f"{__name__}.{name}").rule for name in names]
    return tuple(sorted(rules, key=lambda rule: rule.code))


def choose_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules that ``--select`` and ``--ignore`` leave.

    Args:
        select: Codes or beginnings of codes (``MS2``); empty for all.
        ignore: The same; wins over ``select``.

    Raises:
        ConfigError: One of them fits no rule.
    """
    codes = [rule.code for rule in all_rules()]
    for prefix in (*select, *ignore):
        if not any(code.startswith(prefix) for code in codes):
            near = get_close_matches(prefix, codes, n=3, cutoff=0.5)
            raise ConfigError(
                f"there is no rule {prefix!r}",
                f"Did you mean {' or '.join(near)}?" if near else f"Rules: {', '.join(codes)}.",
            )
    return tuple(
        rule
        for rule in all_rules()
        if rule.code.startswith(tuple(select) or "") and not rule.code.startswith(tuple(ignore))
    )
