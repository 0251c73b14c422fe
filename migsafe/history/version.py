"""A migration as a replay has seen it."""

from collections.abc import Iterator
from itertools import groupby

from migsafe.applied import Done, Version
from migsafe.history.statements import sql_fingerprint
from migsafe.project.operations import ReplayedMigration, ReplayedOperation

UNORDERED = ("RenameModel", "AlterUniqueTogether", "AlterIndexTogether")
"""Operations that go through a set of strings, or of tuples of them, so that PYTHONHASHSEED decides on the order.

RenameModel: ``ProjectState._reload`` renders related models so, and repoints their foreign keys in that order.
The others: ``alter_unique_together`` and ``alter_index_together`` compare sets.
"""


def version(replayed: ReplayedMigration) -> Version:
    """What a migration does, for comparison with what it did."""
    return Version(operations=tuple(map(_done, replayed.operations)), sql=executed(replayed), atomic=replayed.atomic)


def executed(replayed: ReplayedMigration) -> str | None:
    """Fingerprint of all SQL that applying a migration executes; None if some of it is not known, or chance."""
    if replayed.routed_elsewhere:
        return None
    if any(operation.unanalysed or "" in operation.computed.values() for operation in replayed.operations):
        return None
    return sql_fingerprint(_ordered(replayed))


def _ordered(replayed: ReplayedMigration) -> Iterator[tuple[str, bool]]:
    """Statements in an order that is the same each time."""
    for _, group in groupby(replayed.executed(), key=lambda one: one[0].index):
        executed = list(group)
        operation = executed[0][0]
        statements = [(operation.settled(one.parsed.sql), one.transaction) for _, one in executed]
        # What CreateModel is given as unique_together may be a set: the autodetector writes it so.
        unordered = any(map(operation.is_a, (*UNORDERED, "CreateModel")))
        yield from sorted(statements) if unordered else statements


def _done(operation: ReplayedOperation) -> Done:
    return Done(
        description=operation.description,
        sql=tuple(operation.settled(statement.parsed.sql) for statement in operation.forward),
    )
