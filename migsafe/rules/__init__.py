"""Hazards, one per file.

A rule's name is its module's name, and its documentation is its module's docstring, with the `SECTIONS`. Nothing lists
the rules: `all_rules` finds them. Modules that start with an underscore are what rules are made with.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

from migsafe.config import Config, did_you_mean
from migsafe.errors import ConfigError
from migsafe.rules._checker import Checked, Checker, at_gate, in_history, verified
from migsafe.rules._context import (
    Change,
    Context,
    Executed,
    GateContext,
    HistoryContext,
    MigrationContext,
    OperationContext,
    VerificationContext,
)
from migsafe.rules._plugins import check_clashes, load_plugin
from migsafe.rules._rule import SECTIONS, Found, Pending, Rule
from migsafe.rules._sizes import Sizes

__all__ = [
    "GROUPS",
    "SECTIONS",
    "Change",
    "Checked",
    "Checker",
    "Context",
    "Executed",
    "Found",
    "GateContext",
    "HistoryContext",
    "MigrationContext",
    "OperationContext",
    "Pending",
    "Rule",
    "Sizes",
    "VerificationContext",
    "all_rules",
    "at_gate",
    "beginning",
    "choose_rules",
    "find_rule",
    "in_history",
    "verified",
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
    "MS8": "Verification",
    "MS9": "Deploys",
}
"""What rules are about, by the beginnings of their codes."""

LIST = "migsafe rules lists them all."

NOTHING_CONFIGURED = Config()


@cache
def _own_rules() -> tuple[Rule, ...]:
    names = [name for _, name, _ in pkgutil.iter_modules(__path__) if not name.startswith("_")]
    return tuple(importlib.import_module(f"{__name__}.{name}").rule for name in names)


def all_rules(plugins: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Every rule of this package and of plug-ins, by code.

    Args:
        plugins: Names of entry points (`Config.plugins`).

    Raises:
        PluginError: A plug-in is not installed or broken, or its codes or names are those of other rules.
    """
    rules = (*_own_rules(), *(rule for name in dict.fromkeys(plugins) for rule in load_plugin(name)))
    check_clashes(rules)
    return tuple(sorted(rules, key=lambda rule: rule.code))


def find_rule(word: str, rules: Sequence[Rule]) -> Rule:
    """The rule with a code or a name.

    Raises:
        ConfigError: There is none.
    """
    for rule in rules:
        if word.upper() == rule.code or word == rule.name:
            return rule
    raise _unknown(word, rules)


def choose_rules(config: Config = NOTHING_CONFIGURED) -> tuple[Rule, ...]:
    """The rules that a configuration leaves: migsafe's and its plug-ins', without what it does not select.

    Raises:
        ConfigError: It names codes that fit no rule: all of them in one message.
        PluginError: As `all_rules` does.
    """
    rules = all_rules(config.plugins)
    mistakes = [
        f"{_source(option, config)}: there is no rule {code!r}{_did_you_mean(code, rules)}"
        for option in ("select", "ignore", "severity")
        for code in getattr(config, option)
        if not any(rule.code == code if option == "severity" else rule.code.startswith(code) for rule in rules)
    ]
    mistakes += [
        f"{_source('per_migration_ignores', config)}.{migration}: there is no rule {code!r}{_did_you_mean(code, rules)}"
        for migration, reasons in config.per_migration_ignores.items()
        for code in reasons
        if code not in {rule.code for rule in rules}
    ]
    if mistakes:
        raise ConfigError("\n".join(mistakes), LIST)
    selected = beginning(config.select, rules)
    return tuple(rule for rule in selected if not rule.code.startswith(config.ignore))


def beginning(prefixes: Sequence[str], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules whose codes begin with one of some words; all if there are none.

    Raises:
        ConfigError: No code begins with one of them.
    """
    for prefix in prefixes:
        if not any(rule.code.startswith(prefix) for rule in rules):
            raise _unknown(prefix, rules)
    return tuple(rule for rule in rules if rule.code.startswith(tuple(prefixes) or ""))


def _source(option: str, config: Config) -> str:
    source = config.sources.get(option)
    return f"{source}: {option.replace('_', '-')}" if source == str(config.file) else source or option


def _unknown(word: str, rules: Sequence[Rule]) -> ConfigError:
    return ConfigError(f"there is no rule {word!r}{_did_you_mean(word, rules)}", LIST)


def _did_you_mean(word: str, rules: Sequence[Rule]) -> str:
    return did_you_mean(word, [name for rule in rules for name in (rule.code, rule.name)])
