"""A project that is there for the length of a ``with`` block, whatever Django runs in this process.

Django keeps settings, apps, connections, system checks and what it knows of commands and URLs in globals. All of them
are put aside, and back again.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import django
from django.apps import apps as registry
from django.conf import UserSettingsHolder, global_settings, settings
from django.core.checks.registry import registry as checks
from django.core.management import get_commands
from django.db import connections, router
from django.db.utils import ConnectionHandler, ConnectionRouter
from django.urls import clear_url_caches

from migsafe.project.load import Project, user_code

SETTINGS: Mapping[str, object] = {
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "scenario",
            "OPTIONS": {"options": "-c lock_timeout=5s"},
        }
    },
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "SECRET_KEY": "scenario",
    "USE_TZ": True,
}
"""What differs from Django's own defaults."""


@contextmanager
def temporary_project(
    root: Path, apps: Mapping[str, Path], installed: Sequence[str] = (), overrides: Mapping[str, object] | None = None
) -> Iterator[Project]:
    """Install apps that were just written, with settings of their own; nothing of it is left afterwards.

    Not for several threads at a time.

    Args:
        root: The project's folder.
        apps: Packages of the apps, by label, and the folder that each lies in. Modules of the same name that were
            imported before are put aside.
        installed: More of INSTALLED_APPS: packages in the project's folder, or importable anyway.
        overrides: Settings that differ from `SETTINGS`.
    """
    everything = [*installed, *apps]
    apps = {**apps, **{name: root for name in installed if (root / name).is_dir()}}
    with ExitStack() as stack:
        stack.enter_context(_settings({**SETTINGS, **(overrides or {}), "INSTALLED_APPS": everything}))
        stack.enter_context(_modules(apps, [str(folder) for folder in (root, *apps.values())]))
        stack.enter_context(_found())
        stack.enter_context(_apps(list(apps), everything))
        yield Project(root=root, settings="the scenario's settings", database="default", django=django.get_version())


@contextmanager
def _settings(values: Mapping[str, object]) -> Iterator[None]:
    holder = UserSettingsHolder(global_settings)
    for name, value in values.items():
        setattr(holder, name, value)
    handlers = ((connections, ConnectionHandler()), (router, ConnectionRouter()))
    before = [(lazy, dict(vars(lazy))) for lazy in (settings, connections, router)]
    try:
        _become(settings, {"_wrapped": holder})
        for handler, fresh in handlers:
            _become(handler, vars(fresh))
        yield
    finally:
        for one, attributes in before:
            _become(one, attributes)


def _become(one: object, attributes: Mapping[str, object]) -> None:
    vars(one).clear()
    vars(one).update(attributes)


@contextmanager
def _modules(packages: Mapping[str, Path], folders: Sequence[str]) -> Iterator[None]:
    """Make packages importable, and forget them afterwards."""

    def taken() -> dict[str, ModuleType]:
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in packages}

    before, path, bytecode = taken(), list(sys.path), sys.dont_write_bytecode
    sys.path[:0] = dict.fromkeys(folders)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        taken()
        sys.modules.update(before)
        sys.path[:], sys.dont_write_bytecode = path, bytecode


@contextmanager
def _found() -> Iterator[None]:
    """Forget which checks apps have registered, and which commands and URLs were found."""
    before = checks.registered_checks
    checks.registered_checks = {check for check in before if check.__module__.startswith("django.core.")}
    try:
        cast(Any, get_commands).cache_clear()
        clear_url_caches()
        yield
    finally:
        checks.registered_checks = before
        cast(Any, get_commands).cache_clear()
        clear_url_caches()


@contextmanager
def _apps(labels: Sequence[str], installed: Sequence[str]) -> Iterator[None]:
    """Do what ``Apps.set_installed_apps`` does, also before ``django.setup()``, and forget the models of some apps."""
    names = ("app_configs", "apps_ready", "models_ready", "loading", "ready")
    before = {name: vars(registry)[name] for name in names}
    models = {label: registry.all_models.pop(label) for label in labels if label in registry.all_models}
    vars(registry).update(app_configs={}, apps_ready=False, models_ready=False, loading=False, ready=False)
    registry.clear_cache()
    try:
        with user_code():
            registry.populate(installed)
        yield
    finally:
        for label in labels:
            registry.all_models.pop(label, None)
        registry.all_models.update(models)
        vars(registry).update(before)
        registry.clear_cache()
