"""The migration graph as frozen values: what rules about history look at, without Django."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.apps import apps
from django.conf import settings
from django.db.migrations.migration import SwappableTuple
from django.db.migrations.operations import AddField, AlterField, CreateModel, RenameModel, RunPython, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.utils import resolve_relation
from django.db.models import Model

from migsafe.applied import Dependency, Graph, Key, ModelReference, Node
from migsafe.project.changes import model_changes
from migsafe.project.graph import History, migration_path
from migsafe.project.replay import is_initial
from migsafe.project.stages import stage


def graph(history: History, *, changes: bool, shown: Callable[[str], str]) -> Graph:
    """Describe the migrations of a project.

    Args:
        changes: Whether to look for what the models have and no migration makes.
        shown: Makes of a path the one in reports.
    """
    swappable = _swappable()
    leaf_nodes: dict[str, tuple[Key, ...]] = {app: history.leaf_nodes(app) for app in history.apps}
    found, unknown = model_changes(history) if changes else (None, None)
    return Graph(
        nodes={node.key: node for node in _nodes(history, swappable, shown)},
        leaf_nodes=leaf_nodes,
        installed=history.project.apps,
        swappable=swappable,
        swapped=_swapped(swappable),
        max_migrations=dict(_max_migrations(history)),
        changes=found,
        changes_unknown=unknown,
    )


def _nodes(history: History, swappable: Mapping[str, str], shown: Callable[[str], str]) -> Iterator[Node]:
    own = {app: history.project.is_first_party(app) for app in history.apps}
    on_disk = history.loader.disk_migrations
    for key in (*history.order, *sorted(on_disk.keys() - set(history.order))):
        migration = on_disk[key]
        yield Node(
            app=migration.app_label,
            name=migration.name,
            path=shown(str(migration_path(migration))),
            own=own[migration.app_label],
            initial=is_initial(migration),
            parents=tuple(sorted(history.digraph.predecessors(key))) if key in history.digraph else (),
            dependencies=tuple(_dependency(one, swappable) for one in migration.dependencies),
            run_before=tuple((app, name) for app, name in migration.run_before),
            replaces=tuple((app, name) for app, name in migration.replaces),
            replaced_by=history.replaced.get(key),
            atomic=migration.atomic,
            kept=sum(isinstance(one, RunPython | RunSQL) and not one.elidable for one in migration.operations),
            makes=tuple(_makes(migration.operations, migration.app_label)),
            refers_to=tuple(
                reference
                for operation in migration.operations
                for reference in _references(operation, migration.app_label, swappable)
            ),
            stage=stage(migration),
        )


def _makes(operations: Iterable[Operation], app: str) -> Iterator[str]:
    for operation in operations:
        if isinstance(operation, CreateModel | RenameModel):
            name = operation.new_name if isinstance(operation, RenameModel) else operation.name
            yield f"{app}.{name}".lower()
        yield from _makes(getattr(operation, "state_operations", None) or (), app)


def _references(operation: Operation, app: str, swappable: Mapping[str, str]) -> Iterator[ModelReference]:
    """Models that an operation's fields and base classes refer to, those of operations inside it too."""
    for attribute in ("database_operations", "state_operations"):
        for nested in getattr(operation, attribute, None) or ():
            yield from _references(nested, app, swappable)
    fields: Iterable[tuple[str, object]] = ()
    model = ""
    if isinstance(operation, CreateModel):
        model, fields = operation.name_lower, operation.fields
        # Those that are models have been replaced by their labels; others are mixins, or abstract.
        for base in operation.bases or ():
            if isinstance(base, str):
                yield ModelReference(_label(base, app, model))
    elif isinstance(operation, AddField | AlterField):
        model, fields = operation.model_name_lower, [(operation.name, operation.field)]
    for name, field in fields:
        remote = getattr(field, "remote_field", None)
        for role in ("model", "through"):
            if related := getattr(remote, role, None):
                label = _label(related, app, model)
                setting = (role == "model" and getattr(field, "swappable_setting", None)) or ""
                # Django gives the setting for a model too that it has replaced.
                yield ModelReference(label, name, setting if swappable.get(setting) == label else None)


def _label(model: str | type[Model], app: str, name: str) -> str:
    """Lower-case label of a model as a field or a base class gives it: a class, ``self``, with an app or without."""
    return ".".join(resolve_relation(model, app, name)).lower()


def _max_migrations(history: History) -> Iterator[tuple[str, str]]:
    """Texts of the files of django-linear-migrations, beside the migrations of apps."""
    folders = {key[0]: migration_path(one).parent for key, one in history.loader.disk_migrations.items()}
    for app, folder in sorted(folders.items()):
        file = folder / "max_migration.txt"
        if file.is_file():
            yield app, file.read_text(encoding="utf-8", errors="replace")


def _dependency(written: Key, swappable: Mapping[str, str]) -> Dependency:
    """A dependency; Django keeps what its setting says, not which setting that is."""
    app, name = written
    if not isinstance(written, SwappableTuple):
        return Dependency(app, name)
    model = str(written.setting)
    return Dependency(app, name, next((one for one in swappable if swappable[one] == model.lower()), model))


def _swapped(swappable: Mapping[str, str]) -> dict[str, str]:
    """Models that settings replace by others, with the setting."""
    models = (model._meta for model in apps.get_models(include_swapped=True) if model._meta.swappable)
    by_label = {model.label_lower: str(model.swappable) for model in models}
    return {label: setting for label, setting in by_label.items() if swappable.get(setting, label) != label}


def _swappable() -> dict[str, str]:
    """Settings that say which model stands for another, with that model; AUTH_USER_MODEL is always one."""
    models = apps.get_models(include_auto_created=True, include_swapped=True)
    names = dict.fromkeys(["AUTH_USER_MODEL", *(name for model in models if (name := model._meta.swappable))])
    return {name: str(value).lower() for name in names if (value := getattr(settings, name, None))}
