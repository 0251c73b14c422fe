"""Write what migsafe's replay says that ``migrate`` executes, in the shape of ``record.py``.

Runs in the folder and the virtual environment of a project: ``python -m tests.equality.replayed MAJOR``, the
major version of PostgreSQL.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from migsafe.history.version import UNORDERED
from migsafe.project.graph import History
from migsafe.project.load import load
from migsafe.project.operations import ReplayedOperation, SqlStatement


def statements(executed: Iterable[tuple[ReplayedOperation, SqlStatement]]) -> list[dict[str, object]]:
    return [
        {
            "sql": statement.parsed.sql,
            "operation": None if statement.deferred else operation.index,
            "transaction": statement.transaction,
        }
        for operation, statement in executed
    ]


def main(postgres: int) -> None:
    project = load(Path.cwd())
    from migsafe.project.replay import Replay
    from tests.equality import frozen

    frozen.freeze()
    migrations = [
        {
            "app": migration.app,
            "name": migration.name,
            "forward": statements(migration.executed()),
            "backward": statements(migration.executed_backward()),
            "unordered": [operation.index for operation in migration.operations if any(map(operation.is_a, UNORDERED))],
            "reversible": all(operation.reversible or operation.opaque for operation in migration.operations),
        }
        for migration in Replay(project, History(project), postgres, backward=True)
    ]
    sys.stdout.buffer.write(msgspec.json.encode(migrations))


if __name__ == "__main__":
    main(int(sys.argv[1]))
