"""Which migrations a run looks at."""

from collections.abc import Iterator, Sequence

import msgspec
import networkx

from migsafe.config import Config
from migsafe.errors import ConfigError, UnknownTargetError
from migsafe.model import Skipped
from migsafe.project.git import changed_since
from migsafe.project.graph import History, Key
from migsafe.project.replay import is_initial


class Named(msgspec.Struct, frozen=True):
    """Migrations that the configuration names.

    Attributes:
        start_after: The last one of old history, by app.
        ignores: By migration and code, the reason why findings are not reported.
    """

    start_after: dict[str, Key]
    ignores: dict[Key, dict[str, str]]


class Chosen(msgspec.Struct, frozen=True):
    """The migrations to look at, and how many of the same apps are left out.

    Attributes:
        apps: Those that are looked at as a whole, also if they have no migrations, or none any more.
        history: The migrations with initial ones: rules about history look at these too.
    """

    keys: frozenset[Key]
    skipped: Skipped
    apps: frozenset[str]
    history: frozenset[Key]


def named_in(config: Config, history: History) -> Named:
    """Find the migrations that the configuration names, by as much of their names as is unambiguous.

    Raises:
        ConfigError: Some do not exist: all of them in one message.
    """
    named = Named({}, {})
    mistakes = []
    for app, name in config.start_after.items():
        try:
            (named.start_after[app],) = history.resolve(app, name)
        except UnknownTargetError as error:
            mistakes.append(f"{config.file}: start-after: {error.message}. {error.hint or ''}".rstrip())
    for target, reasons in config.per_migration_ignores.items():
        app, _, name = target.partition(".")
        try:
            if not name:
                raise UnknownTargetError(f"{target!r} is not APP.MIGRATION")
            (key,) = history.resolve(app, name)
        except UnknownTargetError as error:
            mistakes.append(f"{config.file}: per-migration-ignores: {error.message}. {error.hint or ''}".rstrip())
        else:
            named.ignores.setdefault(key, {}).update(reasons)
    if mistakes:
        raise ConfigError("\n".join(mistakes), "docs/configuration.md describes every option.")
    return named


def choose(history: History, config: Config, named: Named, targets: Sequence[str]) -> Chosen:
    """Choose among the whole history.

    Without targets these are the migrations of the team's own apps. One that a target names by itself is looked at in
    any case. Of whole apps, what ``start_after`` ends is left out, and so are initial migrations, which make tables
    that nobody uses yet; but not those that are new since ``config.since``.

    Args:
        targets: ``APP``, ``APP MIGRATION`` and ``APP.MIGRATION``, as many of them as there are.

    Raises:
        UnknownTargetError: There is no such app or migration.
        GitError: ``config.since`` cannot be compared with.
    """
    single: set[Key] = set()
    project = history.project
    apps = set() if targets else {app for app in project.apps if config.all_apps or project.is_first_party(app)}
    for app, keys in _resolved(history, targets):
        if app is None:
            single.update(keys)
        else:
            apps.add(app)
    rest = {key for key in history.order if key[0] in apps} - single
    if config.since is not None:
        changed = changed_since(config.since, history)
        single &= changed
        rest &= changed
    old = rest & _old(history, named)
    initial = set()
    if not config.initial and config.since is None:
        initial = {key for key in rest - old if is_initial(history.migration(key))}
    return Chosen(
        keys=frozenset(single | (rest - old - initial)),
        skipped=Skipped(initial=len(initial), start_after=len(old)),
        apps=frozenset(apps),
        history=frozenset(single | (rest - old)),
    )


def _old(history: History, named: Named) -> frozenset[Key]:
    """What ``start_after`` ends: its migrations, and those of the same app that they depend on."""
    return frozenset(
        key
        for app, last in named.start_after.items()
        for key in (last, *networkx.ancestors(history.digraph, last))
        if key[0] == app
    )


def _resolved(history: History, targets: Sequence[str]) -> Iterator[tuple[str | None, tuple[Key, ...]]]:
    """Read targets: an app with its migrations, or None with the one that is named by itself."""
    rest = list(targets)
    while rest:
        target = rest.pop(0)
        # An app followed by what is neither an app nor complete in itself.
        if target in history.apps and rest and rest[0] not in history.apps and not {".", "/"} & set(rest[0]):
            yield None, history.resolve(target, rest.pop(0))
        else:
            keys = history.resolve(target)
            yield target if target in history.apps else None, keys
