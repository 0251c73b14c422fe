"""Which tables need rows for a migration to show what it does."""

from collections.abc import Iterator, Mapping

from migsafe.project.operations import ReplayedMigration, ReplayedOperation
from migsafe.python import PythonFunction
from migsafe.sql.catalog import Index, Table
from migsafe.sql.effects import Step

FILLED = ("table", "partitioned table")
"""Kinds of tables that rows are written to."""


def to_fill(migration: ReplayedMigration, postgres: int, models: Mapping[str, str]) -> frozenset[str]:
    """Tables that exist before a migration and that it will touch, as far as can be known beforehand.

    Those that its SQL locks, in either direction, those of the models that its operations name, and of those that its
    Python code uses; all of its app's models where that cannot be read.

    Args:
        models: Tables of models by lower-case ``app_label.model_name``.
    """
    oids = {
        oid
        for backward in (False, True)
        for _, _, analysis in migration.analysed(postgres, backward=backward)
        for step in analysis.steps
        for oid in _locked(step)
    }
    names = {models[label] for operation in migration.operations for label in operation.models if label in models}
    names |= {name for operation in migration.operations for name in _in_python(operation, migration.app)}
    return frozenset(
        migration.before.display(table.name)
        for table in migration.before.tables.values()
        if table.kind in FILLED and (table.oid in oids or table.name.name in names)
    )


def _locked(step: Step) -> Iterator[int]:
    """Tables by `Table.oid`, which they keep when a statement before this one has renamed them."""
    for relation in step.relations.values():
        table = step.before.table(relation.relation) if isinstance(relation, Index) else relation
        if isinstance(table, Table):
            yield table.oid


def _in_python(operation: ReplayedOperation, app: str) -> Iterator[str]:
    for function in operation.python:
        yield from _used(function, app)


def _used(function: PythonFunction, app: str) -> Iterator[str]:
    reading = function.reading
    labels = [use.label for use in reading.models] + [write.model for write in reading.writes]
    if not reading.complete:
        labels += [key for key in function.models.by_key if key.startswith(f"{app}.")]
    for label in labels:
        if model := function.models.get(label):
            yield model.table
