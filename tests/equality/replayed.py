"""Write what migsafe's replay says that ``migrate`` executes, in the shape of ``record.py``, and the report about that.

Runs in the folder and the virtual environment of a project: ``python -m tests.equality.replayed MAJOR``, the
major version of PostgreSQL. One run of lint has both: what it replays is noted on the way to the rules.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from migsafe import api
from migsafe.config import load_config
from migsafe.history.version import UNORDERED

if TYPE_CHECKING:
    from migsafe.project.operations import ReplayedMigration, ReplayedOperation, SqlStatement


def statements(executed: "Iterable[tuple[ReplayedOperation, SqlStatement]]") -> list[dict[str, object]]:
    return [
        {
            "sql": statement.parsed.sql,
            "operation": None if statement.deferred else operation.index,
            "transaction": statement.transaction,
        }
        for operation, statement in executed
    ]


def main(postgres: int) -> None:
    migrations: list[dict[str, object]] = []

    def noted(replay: "Iterator[ReplayedMigration]", _: int) -> "Iterator[ReplayedMigration]":
        from tests.equality import frozen

        frozen.freeze()
        for migration in replay:
            migrations.append(
                {
                    "app": migration.app,
                    "name": migration.name,
                    "forward": statements(migration.executed()),
                    "backward": statements(migration.executed_backward()),
                    "unordered": [each.index for each in migration.operations if any(map(each.is_a, UNORDERED))],
                    "reversible": all(each.reversible or each.opaque for each in migration.operations),
                }
            )
            yield migration

    config = load_config(Path.cwd(), {"all_apps": True, "initial": True, "postgres": postgres})
    report = api.lint(Path.cwd(), config, backward=True, progress=noted)
    sys.stdout.buffer.write(msgspec.json.encode({"migrations": migrations, "report": report}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
