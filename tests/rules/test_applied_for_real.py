"""What the rules about applied migrations say of git and of Django, and the commands that they give: on real ones."""

import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ProgrammingError

from migsafe.applied import Past
from migsafe.model import Finding
from migsafe.project.graph import History
from migsafe.project.load import Project
from migsafe.project.nodes import graph
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from tests.history.repositories import commit, repository, save
from tests.projects import app, migration, write
from tests.rules.applied import Made, found, meaning, past
from tests.rules.test_applied import GIT, edit, shop

TABLE = 'migrations.RunSQL("CREATE TABLE shop_thing (id int)", migrations.RunSQL.noop)'
FIRST, SECOND, THIRD = "0001_initial", "0002_status", "0003_thing"


def commands(finding: Finding, language: str = "sh") -> list[str]:
    """What a fix has somebody enter, a line each."""
    blocks = (block.partition("\n") for block in finding.fix.split("```")[1::2])
    return [line for kind, _, code in blocks if kind == language for line in code.splitlines()]


# git


def test_what_git_is_asked_to_do(tmp_path: Path) -> None:
    files = {f"shop/migrations/{name}.py": f"{name}\n" for name in (FIRST, SECOND, THIRD)}
    git = repository(tmp_path, {**files, "shop/sql/a b.sql": "old\n"})
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    second = tmp_path / "shop" / "migrations" / f"{SECOND}.py"
    third = second.with_name(f"{THIRD}.py")

    def run(command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    save(tmp_path, {f"shop/migrations/{SECOND}.py": "edited\n", "shop/sql/a b.sql": "new\n"})
    third.unlink()
    (edited,) = shop().found(past(git=GIT, edits=[edit()]), "MS701")
    run(commands(edited)[0])
    assert second.read_text() == f"{SECOND}\n"
    gone = past(git=[*GIT, f"shop.{THIRD}"], paths={f"shop.{THIRD}": f"shop/migrations/{THIRD}.py"})
    (deleted,) = shop().found(gone, "MS702")
    run(commands(deleted)[0])
    assert third.read_text() == f"{THIRD}\n"

    uses = meaning(files=[str(second), str(tmp_path / "shop" / "sql" / "a b.sql")])
    (used,) = shop().found(past(git=GIT, edits=[edit(before=uses, after=uses)]), "MS701")
    assert "-old\n+new\n" in run(commands(used)[0])

    second.rename(second.with_name("0002_state.py"))
    made = Made().add("shop.0001_initial").add("shop.0002_state", "shop.0001_initial")
    (renamed,) = made.found(past(git=GIT, renamed={f"shop.{SECOND}": "shop.0002_state"}), "MS703")
    run(commands(renamed)[0])
    assert second.exists()

    second.write_text("edited and committed\n")
    commit(git)
    (in_ledger,) = shop().found(past(ledger=GIT, edits=[edit(source="ledger")]), "MS701")
    assert f"-{SECOND}\n+edited and committed\n" in run(commands(in_ledger)[0])
    git("rm", "-q", str(third))
    commit(git)
    gone = past(ledger=[*GIT, f"shop.{THIRD}"], paths={f"shop.{THIRD}": f"shop/migrations/{THIRD}.py"})
    (deleted,) = shop().found(gone, "MS702")
    assert f"\n-{THIRD}\n" in run(commands(deleted)[0])
    git("switch", "-qc", "another")
    (missing,) = shop().found(past(database=[*GIT, f"shop.{THIRD}"]), "MS706")
    assert len(run(commands(missing)[0]).splitlines()) == 2


# Django


@pytest.fixture
def django(tmp_path: Path, postgres: Server, database: str) -> "Shop":
    return Shop(tmp_path, postgres, database)


class Shop:
    """A project of which one version after another meets the same database."""

    def __init__(self, folder: Path, postgres: Server, database: str) -> None:
        self.folder, self.postgres, self.name = folder, postgres, database

    @contextmanager
    def version(self, migrations: Mapping[str, str]) -> Iterator[Project]:
        write(self.folder, app("shop", migrations))
        for file in (self.folder / "shop" / "migrations").glob("0*.py"):
            if file.stem not in migrations:
                file.unlink()
        server = {"USER": self.postgres.user, "HOST": self.postgres.host, "PORT": str(self.postgres.port)}
        default = {"ENGINE": "django.db.backends.postgresql", "NAME": self.name, **server}
        overrides = {"DATABASES": {"default": default}}
        with temporary_project(self.folder, {"shop": self.folder}, overrides=overrides) as project:
            try:
                yield project
            finally:
                connection.close()

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.postgres.dsn(self.name), autocommit=True) as session:
            session.execute(sql)


def after(*names: str, operations: tuple[str, ...] = (), attributes: str = "") -> str:
    return migration(*operations, dependencies=tuple(("shop", name) for name in names), attributes=attributes)


RELEASED = {FIRST: after(), SECOND: after(FIRST), THIRD: after(SECOND, operations=(TABLE,))}


def migrate(*arguments: str) -> list[str]:
    """Run ``migrate``; return what is recorded then."""
    call_command("migrate", *arguments, verbosity=0)
    return sorted(name for app, name in MigrationLoader(connection).applied_migrations if app == "shop")


def in_database(project: Project, *codes: str) -> list[Finding]:
    """What rules find, with the database as the only source."""
    rows = past(database=[".".join(key) for key in sorted(MigrationLoader(connection).applied_migrations)])
    return found(graph(History(project), changes=False, shown=str), rows, *codes)


def test_what_django_does_with_a_renamed_migration(django: Shop) -> None:
    with django.version(RELEASED):
        migrate()
    was = {f"shop.{THIRD}": "shop.0003_new"}
    renamed = {FIRST: RELEASED[FIRST], SECOND: RELEASED[SECOND], "0003_new": RELEASED[THIRD]}
    with django.version(renamed) as project:
        (finding,) = found(graph(History(project), changes=False, shown=str), _renamed(was), "MS703")
        with pytest.raises(ProgrammingError, match="already exists"):  # it runs again
            migrate()
    (replaces,) = [line.strip() for line in commands(finding, "python") if "replaces" in line]
    with django.version({**renamed, "0003_new": after(SECOND, operations=(TABLE,), attributes=replaces)}) as project:
        assert found(graph(History(project), changes=False, shown=str), _renamed(was), "MS702", "MS703", "MS705") == []
        assert "0003_new" in migrate()


def _renamed(renamed: Mapping[str, str]) -> Past:
    return past(git=[f"shop.{name}" for name in RELEASED], renamed=renamed)


def test_what_django_does_with_a_migration_before_an_applied_one(django: Shop) -> None:
    with django.version(RELEASED):
        migrate()
    inserted = {**RELEASED, "0002_new": after(FIRST, attributes=f'run_before = [("shop", "{THIRD}")]')}
    with django.version(inserted) as project:
        assert [one.migration for one in in_database(project, "MS705")] == ["0002_new"]
        for arguments in ((), ("--fake",), ("shop", "0002_new", "--fake")):
            with pytest.raises(InconsistentMigrationHistory):
                migrate(*arguments)
    with django.version(RELEASED) as project:
        django.execute(f"DELETE FROM django_migrations WHERE name = '{FIRST}'")
        rows = past(git=[f"shop.{name}" for name in RELEASED], database=[f"shop.{SECOND}", f"shop.{THIRD}"])
        (finding,) = found(graph(History(project), changes=False, shown=str), rows, "MS705")
        with pytest.raises(InconsistentMigrationHistory):
            migrate()
        (command,) = commands(finding)
        call_command(*shlex.split(command)[2:])
        django.execute("\n".join(commands(finding, "sql")))
        assert migrate() == sorted(RELEASED)


def test_what_django_does_with_a_row_without_a_file(django: Shop) -> None:
    with django.version(RELEASED):
        migrate()
    with django.version({FIRST: RELEASED[FIRST], SECOND: RELEASED[SECOND]}) as project:
        assert THIRD in migrate()  # it passes over the row
        (finding,) = in_database(project, "MS706")
        arguments = shlex.split(commands(finding)[-1])[3:]
        assert migrate(*arguments) == [FIRST, SECOND]


def test_an_applied_migration_that_replaces_what_was_never_applied_runs_again(django: Shop) -> None:
    with django.version(RELEASED):
        migrate()
    replacing = after(SECOND, operations=(TABLE,), attributes='replaces = [("shop", "0000_never")]')
    with django.version({**RELEASED, THIRD: replacing}), pytest.raises(ProgrammingError, match="already exists"):
        migrate()


def test_the_commands_that_make_migrations(django: Shop) -> None:
    (finding,) = shop().found(past(git=GIT, edits=[edit(before=None)]), "MS701")
    making = [shlex.split(command)[2:] for command in commands(finding) if "makemigrations" in command]
    assert len(making) == 2
    with django.version(RELEASED):
        for arguments in making:
            call_command(*arguments, verbosity=0)
    assert len(list((django.folder / "shop" / "migrations").glob("0004_*.py"))) == 1  # the models have not changed
