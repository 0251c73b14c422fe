"""A migration as a replay has seen it."""

from migsafe.applied import Done, Version
from migsafe.history.statements import sql_fingerprint
from migsafe.project.operations import ReplayedMigration, ReplayedOperation


def version(replayed: ReplayedMigration) -> Version:
    """What a migration does, for comparison with what it did."""
    return Version(operations=tuple(map(_done, replayed.operations)), sql=executed(replayed), atomic=replayed.atomic)


def executed(replayed: ReplayedMigration) -> str | None:
    """Fingerprint of all SQL that applying a migration executes; None if some of it is not known, or chance."""
    if replayed.routed_elsewhere:
        return None
    if any(operation.unanalysed or "" in operation.computed.values() for operation in replayed.operations):
        return None
    return sql_fingerprint(
        (operation.settled(statement.parsed.sql), statement.transaction) for operation, statement in replayed.executed()
    )


def _done(operation: ReplayedOperation) -> Done:
    return Done(
        description=operation.description,
        sql=tuple(operation.settled(statement.parsed.sql) for statement in operation.forward),
    )
