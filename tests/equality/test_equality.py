"""What migsafe says that ``migrate`` executes is what Django's own ``migrate`` does execute on a real server.

Real projects with long histories, each in a virtual environment of its own (``environments.py``): ``record.py`` asks
Django and a server, ``replayed.py`` asks migsafe. The texts have to be equal, statement by statement, and so have the
operation that each statement belongs to and whether it runs in a transaction.

``MIGSAFE_TEST_PROJECTS=all``, as in ``make equality``, adds what takes long: the whole histories of NetBox and
label-studio, and older versions of Django for wagtail and oscar.
"""

import difflib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from migsafe.config import load_config
from migsafe.model import Report
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.equality.environments import HERE, REPOSITORY, environment, kept, run

pytestmark = pytest.mark.slow

SHOP = REPOSITORY / "scenarios" / "shop"


class Executed(msgspec.Struct, frozen=True):
    """One statement; ``operation`` is None for those at the end of a migration (``deferred_sql``)."""

    sql: str
    operation: int | None
    transaction: bool


class Recorded(msgspec.Struct, frozen=True):
    """A migration, as ``record.py`` and ``replayed.py`` write it."""

    app: str
    name: str
    forward: tuple[Executed, ...]
    backward: tuple[Executed, ...] | None
    reversible: bool
    unordered: tuple[int, ...] = ()
    refused: str | None = None

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"


class Replayed(msgspec.Struct, frozen=True):
    """What ``replayed.py`` writes."""

    migrations: list[Recorded]
    report: Report


@dataclass(frozen=True)
class Case:
    """A project on a version of Django."""

    project: str
    requirements: str

    def __str__(self) -> str:
        return f"{self.project}-{self.requirements.rpartition('-')[2]}"

    @property
    def folder(self) -> Path:
        return SHOP if self.project == "shop" else HERE / "projects" / self.project

    @property
    def sources(self) -> list[Path]:
        return [HERE / "frozen.py", HERE / "requirements" / f"{self.requirements}.txt", self.folder]

    def run(self, *arguments: str | Path, **env: str) -> str:
        """Run Python with these arguments in the project."""
        config = load_config(self.folder, environ={})
        assert config.settings
        python = environment(self.requirements)
        ours = ("DJANGO_", "MIGSAFE_", "PYTHONDONTWRITEBYTECODE")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        env = {
            **clean,
            **config.env,
            "DJANGO_SETTINGS_MODULE": config.settings,
            "PYTHONPATH": f"{self.folder}:{REPOSITORY}",
            "PYTHONPYCACHEPREFIX": str(python.parents[1] / "bytecode"),  # compiling can take longer than what is run
            **env,
        }
        return run([python, *arguments], cwd=self.folder, env=env)

    def record(self, server: Server, **env: str) -> str:
        """Ask Django what ``migrate`` executes on a server."""
        database = server.create_database()
        try:
            return self.run("-m", "tests.equality.record", server.dsn(database), **env)
        finally:
            server.drop_database(database)

    def recorded(self, server: Server) -> list[Recorded]:
        """What ``migrate`` executes on a server."""
        sources = [HERE / "record.py", *self.sources]
        answer = kept(f"recorded-{self}-on-{server.version}", sources, lambda: self.record(server))
        return msgspec.json.decode(answer, type=list[Recorded])

    def replayed(self, postgres: int) -> Replayed:
        """What migsafe says that it executes, and the report about that."""
        sources = [REPOSITORY / "migsafe", HERE / "replayed.py", *self.sources]
        answer = kept(
            f"replayed-{self}-for-{postgres}",
            sources,
            lambda: self.run("-m", "tests.equality.replayed", str(postgres)),
        )
        return msgspec.json.decode(answer, type=Replayed)


CASES = [
    *(Case(project, f"core-{django}") for project in ("contrib", "unordered") for django in ("4.2", "5.2", "6.1")),
    *(Case(project, "core-6.1") for project in ("wagtail", "oscar")),
    *(Case("shop", f"core-{django}") for django in ("5.2", "6.1")),  # it uses what 5.0 and 5.2 brought
]
# NetBox is on the only version of Django that its releases on PyPI allow. Django takes minutes for its states.
if os.environ.get("MIGSAFE_TEST_PROJECTS") == "all":
    CASES += [Case(project, f"core-{django}") for project in ("wagtail", "oscar") for django in ("4.2", "5.2")]
    CASES += [Case("label_studio", f"label-studio-{django}") for django in ("4.2", "5.2")]
    CASES += [Case("netbox", "netbox-6.1")]

REFUSED = {
    # Python code, which is not run backward, would have dropped the indexes that need the extension.
    "label_studio.tasks.0009_auto_20210913_0739": "cannot drop extension pg_trgm",
    "label_studio.tasks.0017_new_index_anno_result": "cannot drop extension pg_trgm",
    "label_studio.tasks.0035_auto_20221221_1116": "cannot drop extension btree_gin",
    "label_studio.tasks.0056_task_prediction_result_proj_gin_idx_async": "cannot drop extension btree_gin",
}
"""Migrations that the server does not unapply, and what it says."""

NEEDS_ROWS = {
    # The default of its column is the first row of another table.
    "wagtail.wagtaildocs.0005_document_collection",
}
"""Migrations whose SQL depends on rows that only Python code in earlier migrations makes: migsafe says so."""

DYNAMIC = {
    # DO with an EXECUTE of a text that it puts together from the names of constraints it finds.
    "netbox.dcim.0131_squashed_0159",
    "netbox.dcim.0228_rack_group",
}
"""Migrations with SQL that only exists at run time: migsafe says so."""

each_project = pytest.mark.parametrize("case", CASES, ids=str)


def statements(texts: Sequence[Executed]) -> list[Executed]:
    """Split texts of several statements, which migsafe tells apart; comments around them and the semicolon go."""
    return [msgspec.structs.replace(text, sql=parsed.sql) for text in texts for parsed in parse(text.sql)]


def without_order(executed: Sequence[Executed], unordered: Collection[int]) -> list[Executed]:
    """Sort the statements of those operations in which Django leaves the order to chance."""
    operations = groupby(executed, key=lambda each: each.operation)
    return [
        each
        for operation, group in operations
        for each in (sorted(group, key=lambda each: each.sql) if operation in unordered else group)
    ]


def difference(migrate: Sequence[Executed], migsafe: Sequence[Executed]) -> str:
    lines = [[f"{each.operation} {each.transaction} {each.sql}" for each in side] for side in (migrate, migsafe)]
    return "\n".join(difflib.unified_diff(lines[0], lines[1], "migrate", "migsafe", lineterm=""))


@each_project
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_sql_is_what_migrate_executes(case: Case, direction: str, postgres: Server) -> None:
    replayed = case.replayed(postgres.version).migrations
    recorded = case.recorded(postgres)
    assert [each.key for each in replayed] == [each.key for each in recorded]
    compared = 0
    for migrate, migsafe in zip(recorded, replayed, strict=True):
        name = f"{case.project}.{migrate.key}"
        if name in NEEDS_ROWS:
            continue
        assert migsafe.reversible == migrate.reversible, name
        executed = getattr(migrate, direction)
        if executed is None:
            assert not migrate.reversible or REFUSED[name] in str(migrate.refused)
            continue
        expected = without_order(statements(executed), migsafe.unordered)
        found = without_order(getattr(migsafe, direction), migsafe.unordered)
        assert found == expected, f"{name} {direction}\n{difference(expected, found)}"
        compared += len(expected)
    assert compared > len(recorded) / 2


@each_project
def test_lint_leaves_nothing_unanalysed_but_python(case: Case, postgres: Server) -> None:
    report = case.replayed(postgres.version).report
    assert report.migrations
    left = {f"{case.project}.{each.app}.{each.migration}" for each in report.unanalysed if each.kind != "opaque"}
    # Of backward SQL the report lists no reasons.
    left |= {
        f"{case.project}.{migration.app}.{migration.name}"
        for migration in report.migrations
        for operation in migration.operations
        if not all(statement.analysed for statement in operation.backward)
    }
    assert left <= NEEDS_ROWS | DYNAMIC


@pytest.mark.parametrize("django", ["4.2", "6.1"])
def test_order_is_left_to_chance_in_these_operations_only(django: str, postgres: Server) -> None:
    case = Case("unordered", f"core-{django}")
    processes = [
        msgspec.json.decode(case.record(postgres, PYTHONHASHSEED=seed), type=list[Recorded])[-1].forward
        for seed in "0123"
    ]
    rename_model, alter_unique_together = 2, 3
    chance = {rename_model, alter_unique_together}
    for operation in chance:
        assert len({tuple(without_order(each, chance - {operation})) for each in processes}) > 1
    assert len({tuple(without_order(each, chance)) for each in processes}) == 1
