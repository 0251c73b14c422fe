"""Deploys of a plan that are written into a project, one after the other; and all that is refused."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partialmethod
from pathlib import Path

import django
import msgspec
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from migsafe.api import plan_project, write_plan_of
from migsafe.applied import SOURCES, Past, Source
from migsafe.config import Config
from migsafe.errors import InputError, MigsafeError
from migsafe.history.recording import record
from migsafe.plan import keeping
from migsafe.plan.write import Writer, put
from migsafe.planning import Plan, Writing
from migsafe.project.changes import model_changes
from migsafe.project.graph import History, Key
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server
from tests.projects import migration, write

MODELS = """\
# Orders.
from django.db import models


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    email = models.CharField(max_length=9)
    code = models.CharField(max_length=9, default="x")  # of the carrier
    note = models.TextField(null=True)
"""
ORDER = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True, serialize=False)), ("email", models.CharField(max_length=9))])'
PARCEL = 'migrations.CreateModel("Parcel", [("id", models.BigAutoField(primary_key=True, serialize=False))])'
CODE = 'migrations.AddField("order", "code", models.CharField(max_length=9, default="x"))'
NOTE = 'migrations.AddField("order", "note", models.TextField(null=True))'
ORIGINAL = "orders/migrations/0002_order_code.py"
FILES = {
    "orders/__init__.py": "",
    "orders/models.py": MODELS,
    "orders/migrations/__init__.py": "",
    "orders/migrations/max_migration.txt": "0003_note\n",
    "orders/migrations/0001_initial.py": migration(ORDER),
    ORIGINAL: migration(CODE, dependencies=(("orders", "0001_initial"),)),
    "orders/migrations/0003_note.py": migration(NOTE, dependencies=(("orders", "0002_order_code"),)),
    "shipping/__init__.py": "",
    "shipping/models.py": "from django.db import models\n\n\nclass Parcel(models.Model):\n"
    "    id = models.BigAutoField(primary_key=True)\n",
    "shipping/migrations/__init__.py": "",
    "shipping/migrations/0001_initial.py": migration(PARCEL, dependencies=(("orders", "0002_order_code"),)),
}


EDITS_MODELS = django.VERSION >= (5, 0)
"""Whether the plan does: without ``db_default``, only SQL keeps the default."""


RELEASED = "released"
"""Branch of which git may be asked."""


class Repository:
    """The project in a repository in which all is committed.

    Args:
        source: Who is asked what is applied.
        database: Settings of the one that the project has.
    """

    def __init__(
        self,
        root: Path,
        files: Mapping[str, str] = FILES,
        source: Source | None = None,
        database: Mapping[str, object] | None = None,
    ) -> None:
        self.source = source
        self.overrides = {"DATABASES": {"default": database}} if database else {}
        self.root = write(root.resolve(), files)
        self.git("init", "-q")
        self.commit()

    def git(self, *arguments: str, stdin: str | None = None) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
        return subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, text=True, timeout=60, input=stdin
        ).stdout

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "x", "--allow-empty")

    @contextmanager
    def project(self) -> Iterator[Project]:
        apps = {"orders": self.root, "shipping": self.root}
        with temporary_project(self.root, apps, overrides=self.overrides) as project:
            yield project

    def plan(self, *targets: str) -> Plan:
        targets = targets or ("orders.0002",)
        with self.project() as project:
            config = Config(initial=True, postgres=16)
            return plan_project(project, config, targets, rules=choose_rules(config), below=self.root).plan

    def write(self, plan: Plan, deploy: int = 1, *, force: bool = False, dry_run: bool = False) -> Writing:
        config = Config(postgres=16, applied_ref=RELEASED if self.source == "git" else None)
        with self.project() as project:
            return write_plan_of(
                project,
                config,
                plan,
                deploy=deploy,
                force=force,
                dry_run=dry_run,
                connect=self.source == "database",
                below=self.root,
            )

    def release(self) -> None:
        """Apply all that is committed, as the source sees it."""
        if self.source == "git":
            self.git("branch", "-f", RELEASED)
        with self.project() as project:
            history = History(project)
            if self.source == "ledger":
                recording = record(
                    history,
                    Config(),
                    [],
                    postgres=16,
                    connect=False,
                    refresh=False,
                    progress=lambda migrations, _: migrations,
                )
                recording.path.write_text(recording.text)
            if self.source == "database":
                recorder = MigrationRecorder(connection)
                recorder.ensure_schema()
                for app, name in set(history.order) - recorder.applied_migrations().keys():
                    recorder.record_applied(app, name)
                connection.close()
        self.commit()

    def kept(self) -> Plan:
        return keeping.find(self.root, ["orders", "0002"])

    def dependencies(self, key: Key) -> set[Key]:
        with self.project() as project:
            return set(History(project).digraph.predecessors(key))

    def needs_migrations(self) -> bool:
        with self.project() as project:
            return model_changes(History(project)) != ((), None)

    def text(self, name: str) -> str:
        return (self.root / name).read_text()

    def status(self) -> str:
        return self.git("status", "--porcelain")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "project")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return Repository(tmp_path_factory.mktemp("planned")).plan()


def test_deploys_in_turn(repository: Repository, plan: Plan) -> None:
    assert len(plan.deploys) > 1
    assert not plan.unsolved
    first = repository.write(plan)
    assert not (repository.root / ORIGINAL).exists()
    assert first.plan.originals == {ORIGINAL: FILES[ORIGINAL]}
    last = plan.deploys[0].migrations[-1].key
    assert repository.dependencies(("orders", "0003_note")) == {last}
    assert repository.dependencies(("shipping", "0001_initial")) == {last}
    assert repository.text("orders/migrations/max_migration.txt") == "0003_note\n"
    assert (repository.text("orders/models.py") != MODELS) is EDITS_MODELS
    assert not repository.needs_migrations()
    repository.commit()

    # Meanwhile, somebody else makes a migration.
    more = 'migrations.AlterField("order", "note", models.TextField(null=True, blank=True))'
    write(
        repository.root,
        {
            "orders/migrations/0004_more.py": migration(more, dependencies=(("orders", "0003_note"),)),
            "orders/models.py": repository.text("orders/models.py").replace(
                "Field(null=True)\n", "Field(null=True, blank=True)\n"
            ),
            "orders/migrations/max_migration.txt": "0004_more\n",
        },
    )
    repository.commit()
    leaf = "orders", "0004_more"
    for deploy in range(2, len(plan.deploys) + 1):
        writing = repository.write(repository.kept(), deploy)
        steps = writing.plan.deploys[deploy - 1].migrations
        assert [step.source for step in steps] == [repository.text(step.path) for step in steps]
        for step in steps:
            assert repository.dependencies(step.key) == {leaf}
            assert int(step.name[:4]) == int(leaf[1][:4]) + 1
            leaf = step.key
        assert repository.text("orders/migrations/max_migration.txt") == f"{leaf[1]}\n"
        assert not repository.needs_migrations()
        repository.commit()
    assert repository.text("orders/models.py") == MODELS.replace("Field(null=True)\n", "Field(null=True, blank=True)\n")


def test_dry_run_changes_nothing(repository: Repository, plan: Plan) -> None:
    writing = repository.write(plan, dry_run=True)
    assert repository.status() == ""
    repository.git("apply", "-", stdin=writing.diff)
    by_diff = repository.status()
    repository.git("checkout", "-q", ".")
    repository.git("clean", "-qfd")
    repository.write(plan)
    assert repository.status() == by_diff
    assert "?? migsafe-plans/\n" in by_diff


def test_original_that_was_never_committed(tmp_path: Path, plan: Plan) -> None:
    repository = Repository(tmp_path, {name: text for name, text in FILES.items() if name != ORIGINAL})
    write(repository.root, {ORIGINAL: FILES[ORIGINAL]})
    writing = repository.write(plan)
    assert not (repository.root / ORIGINAL).exists()
    kept = keeping.read(repository.root / writing.plan.name.join(("migsafe-plans/", ".json")))
    assert kept.originals[ORIGINAL] == FILES[ORIGINAL]


@pytest.mark.parametrize("name", [*["orders/models.py"] * EDITS_MODELS, ORIGINAL, "orders/migrations/0003_note.py"])
def test_uncommitted_changes_are_not_overwritten(repository: Repository, name: str) -> None:
    (repository.root / name).write_text(repository.text(name) + "# mine\n")
    plan = repository.plan()
    before = repository.status()
    with pytest.raises(MigsafeError, match=f"uncommitted changes in .*{re.escape(Path(name).name)}") as caught:
        repository.write(plan)
    assert "--force" in (caught.value.hint or "")
    assert repository.status() == before
    repository.write(plan, force=True)
    assert repository.text("orders/models.py").endswith("# mine\n" * (name == "orders/models.py"))


@pytest.mark.parametrize("there", [True, False])
def test_squash_is_refused_with_what_to_do(tmp_path: Path, *, there: bool) -> None:
    squash = "orders/migrations/0002_squashed_0003_note.py"
    replaces = '    replaces = [("orders", "0002_order_code"), ("orders", "0003_note")]\n'
    text = migration(CODE, NOTE, dependencies=(("orders", "0001_initial"),))
    repository = Repository(
        tmp_path, {**FILES, squash: text.replace("    dependencies", f"{replaces}    dependencies")}
    )
    parcel = "shipping/migrations/0001_initial.py"
    if not there:
        (repository.root / ORIGINAL).unlink()
        (repository.root / "orders/migrations/0003_note.py").unlink()
        write(repository.root, {parcel: FILES[parcel].replace("0002_order_code", "0002_squashed_0003_note")})
    repository.commit()
    [unsolved] = repository.plan("orders.0002_squashed").unsolved
    assert "0002_squashed_0003_note is a squash of orders.0002_order_code, orders.0003_note, and" in unsolved.why
    targets = unsolved.instead.removesuffix(".").partition("migsafe plan ")[2].split()
    if there:
        (repository.root / squash).unlink()
    else:
        assert "take `replaces` out of it" in unsolved.instead
        write(repository.root, {squash: repository.text(squash).replace(replaces, "")})
    repository.commit()
    plan = repository.plan(*targets)
    assert plan.unsolved == ()
    assert len(repository.write(plan).plan.deploys) == 2


# What is applied

WHERE = {"git": "released", "ledger": "migsafe.lock", "database": "database default"}


@pytest.fixture(params=SOURCES)
def asking(request: pytest.FixtureRequest, tmp_path: Path, postgres: Server, database: str) -> Repository:
    """The project with its first migrations, of which a source knows."""
    settings = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "USER": postgres.user}
    address = {**settings, "HOST": postgres.host, "PORT": str(postgres.port)}
    new = ("orders/migrations/0002", "orders/migrations/0003", "shipping/migrations/0001")
    first = {name: text for name, text in FILES.items() if not name.startswith(new)}
    repository = Repository(tmp_path / "project", first, request.param, address)
    repository.release()
    write(repository.root, FILES)
    repository.commit()
    return repository


def test_applied_migration_is_left_alone_and_a_new_one_is_the_fix(asking: Repository, plan: Plan) -> None:
    asking.release()
    known = rf"orders.0002_order_code is applied according to {WHERE[asking.source or 'git']}: "
    for force in (False, True):
        with pytest.raises(MigsafeError, match=known) as caught:
            asking.write(plan, force=force)
    assert "python manage.py migrate orders 0001_initial" in (caught.value.hint or "")
    assert "What is still to do is a new migration (python manage.py makemigrations orders)" in str(caught.value.hint)
    assert "migsafe plan orders NUMBER --write" in (caught.value.hint or "")
    assert asking.status() == ""


def test_later_deploy_waits_until_the_earlier_is_live(asking: Repository, plan: Plan) -> None:
    asking.write(plan)
    asking.commit()
    first = plan.deploys[0].migrations[0].name
    for kept in (plan, asking.kept()):
        waits = rf"deploy 1 is not live: orders.{first} is not applied according to {WHERE[asking.source or 'git']}$"
        with pytest.raises(MigsafeError, match=waits) as caught:
            asking.write(kept, 2)
    assert "Release it first" in (caught.value.hint or "")
    assert asking.status() == ""
    assert asking.write(plan, 2, force=True, dry_run=True).deploy == 2
    asking.release()
    assert asking.write(plan, 2).deploy == 2


def test_original_that_is_applied_by_another_name(repository: Repository, plan: Plan) -> None:
    old, new = ("orders", "0002_code"), ("orders", "0002_order_code")
    past = Past(ledger="migsafe.lock", applied={old: {"ledger": None}}, renamed={old: new})
    with repository.project() as project, pytest.raises(MigsafeError, match=r"0002_order_code is applied"):
        Writer(plan, History(project), past).write(1)


def test_deploy_that_is_not_committed_is_not_live(repository: Repository, plan: Plan) -> None:
    repository.write(plan)
    with pytest.raises(MigsafeError, match=r"deploy 1 is not live: orders.\w+ is not committed"):
        repository.write(plan, 2)


def test_original_that_has_changed(repository: Repository, plan: Plan) -> None:
    (repository.root / ORIGINAL).write_text(FILES[ORIGINAL] + "\n")
    with pytest.raises(MigsafeError, match=r"0002_order_code.py is not what it was when the plan was made"):
        repository.write(plan)


def test_safe_migration_stays(repository: Repository) -> None:
    with repository.project() as project:
        config = Config(initial=True, postgres=16)
        plan = plan_project(project, config, ["orders.0003"], rules=choose_rules(config), below=repository.root).plan
    with pytest.raises(MigsafeError, match=r"orders.0003_note is safe as it is"):
        repository.write(plan)


def test_file_that_is_there(repository: Repository, plan: Plan) -> None:
    write(repository.root, {plan.deploys[0].migrations[0].path: "raise RuntimeError\n"})
    with pytest.raises(MigsafeError):
        repository.write(plan)
    assert (repository.root / ORIGINAL).exists()


def test_later_deploy_needs_the_earlier(repository: Repository, plan: Plan) -> None:
    with pytest.raises(MigsafeError, match="deploy 1 is not there") as caught:
        repository.write(plan, 2)
    assert "migsafe plan orders 0002_order_code --write." in (caught.value.hint or "")
    with pytest.raises(InputError, match="there is no deploy 9"):
        repository.write(plan, 9)
    repository.write(plan)
    repository.commit()
    step = plan.deploys[0].migrations[-1]
    text = repository.text(step.path)
    (repository.root / step.path).write_text(text.replace("max_length=9", "max_length=8"))
    with pytest.raises(MigsafeError, match="is not what the plan has for deploy 1"):
        repository.write(repository.kept(), 2)
    (repository.root / step.path).write_text(text.replace("    operations", "    # well\n    operations"))
    repository.commit()
    repository.write(repository.kept(), 2)
    with pytest.raises(MigsafeError, match="deploy 2 is there already"):
        repository.write(repository.kept(), 2)


@pytest.mark.skipif(not EDITS_MODELS, reason="there is no db_default")
def test_code_that_has_changed(repository: Repository, plan: Plan) -> None:
    changed = MODELS.replace("max_length=9, default", "max_length=9, blank=True, default")
    write(repository.root, {"orders/models.py": changed})
    repository.commit()
    with pytest.raises(MigsafeError, match=r"Order.code in .*models.py cannot be changed as the plan has it"):
        repository.write(plan)
    assert repository.status() == ""
    writing = repository.write(plan, force=True)
    assert [step.name for step in writing.left] == ["Order.code"]
    assert repository.text("orders/models.py") == changed


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        (
            "orders/migrations/0003_note.py",
            "dependencies = [",
            "dependencies = [] + [",
            "0003_note.py names orders.0002_order_code in a way that cannot be edited",
        ),
        (
            ORIGINAL,
            "dependencies = [",
            "dependencies = [] + [",
            "the dependencies in 0002_order_code.py are not written",
        ),
        (
            ORIGINAL,
            "operations = [",
            "operations = [] or [",
            "the operations in 0002_order_code.py are not written out",
        ),
        (ORIGINAL, "    operations", "    apply = migrations.Migration.apply\n    operations", "has a method apply"),
    ],
)
def test_what_cannot_be_written_exactly_is_refused(tmp_path: Path, name: str, old: str, new: str, why: str) -> None:
    repository = Repository(tmp_path, {**FILES, name: FILES[name].replace(old, new)})
    plan = repository.plan()
    assert why in plan.unsolved[0].why
    with pytest.raises(MigsafeError, match="has no safe way that could be written") as caught:
        repository.write(plan)
    assert why in caught.value.message
    assert "rite it out" in str(caught.value.hint)
    assert repository.status() == ""


# Plans that are kept


def test_kept_plans_are_found_by_name(repository: Repository, plan: Plan) -> None:
    with pytest.raises(InputError, match=r"there is no plan in") as caught:
        keeping.find(repository.root, [])
    assert "migsafe plan MIGRATION --write" in (caught.value.hint or "")
    repository.write(plan)
    for targets in ([], ["orders", "0002"], ["orders.0002_order_code"], ["0002"], ["orders_0002"]):
        assert keeping.find(repository.root, targets).targets == plan.targets
    with pytest.raises(InputError, match="has no plan for orders 0003"):
        keeping.find(repository.root, ["orders", "0003"])
    other = repository.root / "migsafe-plans" / "other.json"
    other.write_bytes((repository.root / "migsafe-plans" / "orders_0002.json").read_bytes())
    with pytest.raises(InputError, match="several plans for 0002"):
        keeping.find(repository.root, ["0002"])


def test_kept_plan_is_read_as_it_was(repository: Repository, plan: Plan) -> None:
    repository.write(plan)
    assert repository.kept() == plan
    text = repository.text("migsafe-plans/orders_0002.json")
    assert text == keeping.text(repository.kept())
    assert text.startswith('{\n  "targets": [\n')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no plan"),
        (b"\xff\xfe", "is no plan"),
        (b'{"targets": 5}', "is no plan"),
        (b'{"version": 2}', "has version 2 of the format of plans; this migsafe knows version 1"),
    ],
)
def test_broken_plan(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "migsafe-plans").mkdir()
    (tmp_path / "migsafe-plans" / "orders_0002.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        keeping.find(tmp_path, [])


def test_plan_of_another_migration_is_not_overwritten(repository: Repository, plan: Plan) -> None:
    other = msgspec.structs.replace(plan, targets=("orders.0002_other",))
    write(repository.root, {"migsafe-plans/orders_0002.json": keeping.text(other)})
    repository.commit()
    with pytest.raises(MigsafeError, match=r"has the plan for orders.0002_other"):
        repository.write(plan)


# All or nothing


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited, gone, new = tmp_path / "edited", tmp_path / "gone", tmp_path / "folder" / "new"
    edited.write_text("before")
    edited.chmod(0o640)
    gone.write_text("before")
    replace = Path.replace

    def fail_for_new(path: Path, target: Path) -> Path:
        if target == new:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_for_new)
    with pytest.raises(InputError, match=r"new cannot be written: No space left on device") as caught:
        put({gone: None, edited: b"after", new: b"after"})
    assert caught.value.hint == "Nothing has been changed."
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"edited": "before", "gone": "before"}
    monkeypatch.undo()
    put({gone: None, edited: b"after", new: b"after"})
    assert (gone.exists(), edited.read_text(), new.read_text()) == (False, "after", "after")
    assert edited.stat().st_mode & 0o777 == 0o640


def test_whatever_cannot_be_written_all_stays_as_it_was(
    repository: Repository, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = len(repository.write(plan, dry_run=True).changes)
    for number in range(files):
        with monkeypatch.context() as patch:
            last = [number]

            def failing(*_: object, left: list[int] = last, really: Callable[..., object], **options: object) -> object:
                left[0] -= 1
                if left[0] == -1:
                    raise OSError(28, "No space left on device")
                return really(*_, **options)

            for name in ("replace", "unlink"):
                patch.setattr(Path, name, partialmethod(failing, really=getattr(Path, name)))
            with pytest.raises(InputError, match="cannot be written: No space left on device"):
                repository.write(plan)
        assert repository.status() == "", number
    assert len(repository.write(plan).changes) == files


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "edited").write_text("before")
    with pytest.raises(InputError, match="cannot be written"):
        put({tmp_path / "edited": b"after", tmp_path / "file" / "new": b""})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edited", "file"]
    assert (tmp_path / "edited").read_text() == "before"
