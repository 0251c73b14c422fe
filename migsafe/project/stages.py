"""When a migration runs, seen from the deploy of its code: what markers of other packages say.

Two packages have such markers: django-syzygy (read at 1.2.3: ``Migration.stage``, and the settings
``MIGRATION_STAGES_OVERRIDE`` and ``MIGRATION_STAGES_FALLBACK``) and django-safemigrate (read at 4.3 and 6.0:
``Migration.safe``). They are known by what they look like: neither has to be importable here.
"""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.conf import settings
from django.db.migrations import Migration
from django.db.migrations.operations import DeleteModel, RemoveField
from django.db.migrations.operations.base import Operation

from migsafe.applied import Stage

SYZYGY: Mapping[object, Stage] = {"pre_deploy": "before", "post_deployment": "after"}
"""Values of ``syzygy.Stage``."""

SAFEMIGRATE: Mapping[object, Stage] = {"before_deploy": "before", "after_deploy": "after", "always": "any"}
"""Values of django-safemigrate's ``When``, and of its ``Safe`` before 5.0; names of the methods of ``Safe`` since."""


def stage(migration: Migration) -> Stage | None:
    """When a migration runs, if a marker says so, or syzygy, being installed, takes that from its operations."""
    return _marked(migration) or (_inferred(migration) if apps.is_installed("syzygy") else None)


def _marked(migration: Migration) -> Stage | None:
    safe = getattr(migration, "safe", None)
    # Safe.after_deploy(), Safe.after_deploy as an Enum's member, and Safe.after_deploy as a method
    said = getattr(safe, "when", safe)
    marked = SAFEMIGRATE.get(getattr(said, "__name__" if callable(said) else "value", None))
    return marked or _syzygy(getattr(migration, "stage", None)) or _set("MIGRATION_STAGES_OVERRIDE", migration)


def _syzygy(marker: object) -> Stage | None:
    return SYZYGY.get(getattr(marker, "value", None))


def _set(setting: str, migration: Migration) -> Stage | None:
    """What one of syzygy's settings says of a migration, or else of its app."""
    stages = getattr(settings, setting, None) or {}
    return _syzygy(stages.get(f"{migration.app_label}.{migration.name}") or stages.get(migration.app_label))


def _inferred(migration: Migration) -> Stage | None:
    """What syzygy takes from the operations: if they do not agree, it refuses to say, but for a fallback."""
    stages = set(_stages(migration.operations))
    if len(stages) == 1:
        return stages.pop()
    return _set("MIGRATION_STAGES_FALLBACK", migration) if stages else None


def _stages(operations: Iterable[Operation]) -> Iterable[Stage]:
    for operation in operations:
        removes = isinstance(operation, DeleteModel | RemoveField)
        yield _syzygy(getattr(operation, "stage", None)) or ("after" if removes else "before")
