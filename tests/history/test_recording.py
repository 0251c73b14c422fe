"""What ``migsafe record`` makes of a ledger, and ``migsafe accept``: what they write, and what they leave as it is."""

import py_compile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as django_connection
from django.db.migrations.recorder import MigrationRecorder
from msgspec.structs import replace

import migsafe
from migsafe.config import Config
from migsafe.errors import ConfigError, InputError, MigsafeError, ServerError, UnknownTargetError
from migsafe.history.accepting import accept
from migsafe.history.inquiry import Inquiry
from migsafe.history.ledger import Entry, read, render
from migsafe.history.recording import Recording, record
from migsafe.project.graph import History
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from tests.history.repositories import commit, january, repository, save
from tests.projects import app, migration

MODEL = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'
ADD = 'migrations.AddField("order", "note", models.CharField(max_length=10, null=True))'
FIRST = (("orders", "0001_initial"),)
ORDERS = app("orders", {"0001_initial": migration(MODEL), "0002_note": migration(ADD, dependencies=FIRST)})
NOWHERE = {"NAME": "shop"}
FIRST_FILE, NOTE = "orders/migrations/0001_initial.py", "orders/migrations/0002_note.py"


@contextmanager
def history(folder: Path, database: Mapping[str, object] = NOWHERE) -> Iterator[History]:
    """The project in a folder as it is now: its folders are its apps, those in ``site-packages`` too."""
    apps = {file.parent.name: file.parents[1] for file in sorted(folder.glob("**/*/models.py"))}
    default = {"ENGINE": "django.db.backends.postgresql", **database}
    with temporary_project(folder, apps, overrides={"DATABASES": {"default": default}}) as project:
        yield History(project)


def run(
    folder: Path,
    *targets: str,
    connect: bool = False,
    refresh: bool = False,
    postgres: int = 16,
    config: Config | None = None,
    database: Mapping[str, object] = NOWHERE,
) -> Recording:
    with history(folder, database) as loaded:
        recording = record(
            loaded,
            config or Config(),
            targets,
            postgres=postgres,
            connect=connect,
            refresh=refresh,
            progress=lambda migrations, _: migrations,
        )
    recording.path.write_text(recording.text, encoding="utf-8")
    return recording


def entries(folder: Path) -> dict[str, Entry]:
    return {f"{app}.{name}": entry for (app, name), entry in read(folder / "migsafe.lock").entries.items()}


def edit(folder: Path, old: str, new: str, file: str = NOTE) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def change(folder: Path, name: str, **changes: object) -> None:
    """Change a line as another migsafe would have written it."""
    found = entries(folder)
    found[name] = replace(found[name], **changes)
    (folder / "migsafe.lock").write_text(render(found.values()))


# Record


def test_all_of_the_code_is_recorded_and_stays_as_it_is(tmp_path: Path) -> None:
    save(tmp_path, {**ORDERS, **app("users", {"0001_initial": migration()})})
    before = datetime.now(UTC).replace(microsecond=0)
    first = run(tmp_path)
    assert (first.path, first.total) == (tmp_path / "migsafe.lock", 3)
    assert list(map(".".join, first.added)) == ["orders.0001_initial", "orders.0002_note", "users.0001_initial"]
    for entry in entries(tmp_path).values():
        assert before <= entry.date <= datetime.now(UTC)
        assert entry.migsafe == migsafe.__version__
        assert list(entry.fingerprint.sql) == [16]
    change(tmp_path, "orders.0001_initial", date=january(1), django="4.2")
    known = (tmp_path / "migsafe.lock").read_text()
    assert run(tmp_path) == Recording(first.path, known, 3, ())
    assert run(tmp_path, postgres=18).text == known
    save(tmp_path, {"orders/migrations/0003_x.py": migration(dependencies=(("orders", "0002_note"),))})
    again = run(tmp_path)
    assert again.added == (("orders", "0003_x"),)
    assert [line for line in again.text.splitlines() if "0003_x" not in line] == known.splitlines()


def test_a_migration_that_has_been_edited_keeps_its_line(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    known = run(tmp_path).text
    edit(tmp_path, "max_length=10", "max_length=11")
    edit(tmp_path, "operations", "# noted\n    operations", FIRST_FILE)  # no edit at all
    save(tmp_path, {"orders/migrations/0003_x.py": migration(dependencies=(("orders", "0002_note"),))})
    for refresh in (False, True):
        recording = run(tmp_path, refresh=refresh)
        assert recording.edited == (("orders", "0002_note"),)
        assert known.splitlines()[3] in recording.text.splitlines()
        assert recording.total == 3
    (tmp_path / NOTE).unlink()
    (tmp_path / "orders/migrations/0003_x.py").unlink()
    assert run(tmp_path).text == recording.text


def test_fingerprints_are_made_anew(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    run(tmp_path)
    now = entries(tmp_path)["orders.0002_note"]
    old = replace(now.fingerprint, text="0" * 16, sql={15: "f" * 16, 16: "f" * 16})
    change(tmp_path, "orders.0002_note", date=january(1), django="4.2.1", fingerprint=old)
    recording = run(tmp_path, refresh=True)
    assert recording.refreshed == recording.changed == (("orders", "0002_note"),)
    assert entries(tmp_path)["orders.0002_note"] == replace(now, date=january(1))
    recording = run(tmp_path, refresh=True, postgres=18)  # the same Django: one more version of PostgreSQL
    assert (len(recording.refreshed), recording.changed) == (2, ())
    sql = entries(tmp_path)["orders.0002_note"].fingerprint.sql
    assert (list(sql), sql[16]) == ([16, 18], now.fingerprint.sql[16])


def test_sql_that_only_something_else_can_have_changed_is_an_edit(tmp_path: Path) -> None:
    field = "from django.db.models import CharField\n\n\nclass Note(CharField):\n    pass\n"
    save(tmp_path, {**ORDERS, **app("shared", {}), "shared/fields.py": field})
    edit(tmp_path, "models.CharField", "shared.fields.Note")
    edit(tmp_path, "from django.db", "import shared.fields\nfrom django.db")
    known = run(tmp_path).text
    edit(tmp_path, "pass", "db_type = lambda self, connection: 'text'", "shared/fields.py")
    assert run(tmp_path).edited == ()  # that is lint's to find: it would take a replay of all
    recording = run(tmp_path, refresh=True)
    assert (recording.edited, recording.text) == ((("orders", "0002_note"),), known)
    accepted(tmp_path, "0002")
    entry = entries(tmp_path)["orders.0002_note"]
    assert entry.accepted is not None
    assert entry.accepted.fingerprint == replace(entry.fingerprint, sql={})
    assert run(tmp_path, refresh=True).edited == ()


def test_sql_that_another_edit_has_changed_is_none(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    run(tmp_path)
    edit(
        tmp_path, "BigAutoField(primary_key=True))]", "BigAutoField(primary_key=True))], {'db_table': 'x'}", FIRST_FILE
    )
    recording = run(tmp_path, refresh=True)
    assert (recording.edited, recording.changed) == ((("orders", "0001_initial"),), (("orders", "0002_note"),))


def test_sql_of_defaults_that_are_others_each_time(tmp_path: Path) -> None:
    def add(name: str, field: str) -> str:
        return f'migrations.AddField("order", "{name}", models.{field})'

    same = (
        add("a", "DateTimeField(default=timezone.now)"),
        add("b", "DateField(auto_now_add=True)"),
        add("c", "UUIDField(default=uuid.uuid4)"),
        add("d", "DateField(default=datetime.date.today)"),
        add("e", "JSONField(default=dict)"),
        add("f", 'DateField(default="2020-01-01")'),
    )
    imports = "import datetime, uuid\nfrom django.utils import timezone\n\n\ndef make():\n    return uuid.uuid4()"
    files = {
        "0001_initial": migration(MODEL),
        "0002_same": migration(*same, dependencies=FIRST, imports=imports),
        "0003_own": migration(add("o", "UUIDField(default=make)"), dependencies=FIRST, imports=imports),
    }
    save(tmp_path, app("orders", files))
    text = run(tmp_path).text
    found = entries(tmp_path)
    assert [list(one.fingerprint.sql) for one in found.values()] == [[16], [16], []]
    assert run(tmp_path, refresh=True).text == text
    was = found["orders.0002_same"].fingerprint.sql
    for old, new in (("uuid.uuid4)", "uuid.uuid1)"), ("2020-01-01", "2021-01-01"), ("=dict", "=list")):
        file = "orders/migrations/0002_same.py"
        edit(tmp_path, old, new, file)
        (tmp_path / "migsafe.lock").unlink()
        run(tmp_path)
        assert entries(tmp_path)["orders.0002_same"].fingerprint.sql != was, old
        edit(tmp_path, new, old, file)


def test_what_is_asked_for(tmp_path: Path) -> None:
    replaces = 'replaces = [("orders", "0001_initial"), ("orders", "0002_note")]'
    save(tmp_path, {**ORDERS, "orders/migrations/0001_squashed.py": migration(MODEL, ADD, attributes=replaces)})
    save(tmp_path, app("users", {"0001_initial": migration()}))
    save(tmp_path / "site-packages", app("library", {"0001_initial": migration()}))
    assert run(tmp_path, "users").added == (("users", "0001_initial"),)
    assert [name for _, name in run(tmp_path).added] == ["0001_initial", "0001_squashed", "0002_note"]
    sql = {name: list(entry.fingerprint.sql) for name, entry in entries(tmp_path).items() if entry.app == "orders"}
    assert sql == {"orders.0001_initial": [], "orders.0001_squashed": [16], "orders.0002_note": []}
    assert run(tmp_path, config=Config(all_apps=True, since="main")).added == (("library", "0001_initial"),)
    with pytest.raises(UnknownTargetError):
        run(tmp_path, "nowhere")


def test_a_migration_without_source_is_named(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    py_compile.compile(str(tmp_path / NOTE), cfile=str(tmp_path / f"{NOTE}c"))
    (tmp_path / NOTE).unlink()
    recording = run(tmp_path)
    assert (recording.added, list(recording.unreadable)) == ((FIRST[0],), [("orders", "0002_note")])


def test_a_migration_without_source_is_not_accepted(tmp_path: Path) -> None:
    repository(tmp_path, ORDERS)
    py_compile.compile(str(tmp_path / NOTE), cfile=str(tmp_path / f"{NOTE}c"))
    (tmp_path / NOTE).unlink()
    with pytest.raises(InputError, match=r"no source of orders\.0002_note that can be read, only 0002_note\.pyc"):
        accepted(tmp_path, "0002", ref="main")


def test_what_a_database_has_recorded(postgres: Server, database: str, tmp_path: Path) -> None:
    save(tmp_path, {**ORDERS, **app("users", {"0001_initial": migration()})})
    server = {"NAME": database, "HOST": postgres.host, "PORT": str(postgres.port), "USER": postgres.user}
    with pytest.raises(ServerError):
        run(tmp_path, connect=True, database=server)
    assert not (tmp_path / "migsafe.lock").exists()
    with history(tmp_path, server):
        recorder = MigrationRecorder(django_connection)
        recorder.ensure_schema()
        for app_label, name in (("orders", "0001_initial"), ("orders", "0000_gone"), ("auth", "0001_initial")):
            recorder.record_applied(app_label, name)
        recorder.migration_qs.update(applied=january(2) + timedelta(milliseconds=700))
        django_connection.close()
    recording = run(tmp_path, connect=True, database=server)
    assert recording.pending == (("orders", "0002_note"), ("users", "0001_initial"))
    assert {name: entry.date for name, entry in entries(tmp_path).items()} == {"orders.0001_initial": january(2)}
    assert run(tmp_path, "orders", "0002", connect=True, database=server) == recording._replace(
        added=(), pending=(("orders", "0002_note"),)
    )


def test_nothing_is_written_over_a_broken_ledger(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    file = tmp_path / "migsafe.lock"
    file.write_text(run(tmp_path).text.replace("0002_note", "0003_note"))
    broken = file.read_text()
    for act in (run, lambda folder: accepted(folder, "0002")):
        with pytest.raises(
            InputError, match=r"migsafe\.lock:4, of orders\.0003_note, is not as migsafe has written it"
        ):
            act(tmp_path)
    assert file.read_text() == broken


# Accept


def accepted(
    folder: Path, name: str, reason: str = "no table has rows", *, app: str = "orders", ref: str | None = None
) -> Entry:
    with history(folder) as loaded:
        done = accept(loaded, Config(applied_ref=ref), app, name, reason, postgres=16)
    done.path.write_text(done.text, encoding="utf-8")
    return entries(folder)[".".join(done.key)]


def stands(folder: Path, ref: str | None = None) -> set[str]:
    """Migrations whose acceptance counts."""
    with history(folder) as loaded:
        past = Inquiry(loaded, Config(applied_ref=ref), apps={"orders"}, postgres=16, shown=str).past()
    return {name for _, name in past.accepted}


def test_an_edit_of_what_the_ledger_has(tmp_path: Path) -> None:
    save(tmp_path, ORDERS)
    run(tmp_path)
    before = entries(tmp_path)
    edit(tmp_path, "max_length=10", "max_length=11")
    entry = accepted(tmp_path, "0002", " typo\nsee #42 ")
    assert entry.accepted is not None
    assert (entry.accepted.reason, stands(tmp_path)) == ("typo\nsee #42", {"0002_note"})
    assert replace(entry, accepted=None) == before["orders.0002_note"]
    assert entries(tmp_path)["orders.0001_initial"] == before["orders.0001_initial"]
    assert run(tmp_path, refresh=True).edited == ()
    again = accepted(tmp_path, "0002_note", "another reason").accepted
    assert again == replace(entry.accepted, reason="another reason", date=again.date if again else None)
    edit(tmp_path, "max_length=11", "max_length=12")
    assert (run(tmp_path).edited, stands(tmp_path)) == ((("orders", "0002_note"),), set())


def test_an_edit_of_what_only_git_has(tmp_path: Path) -> None:
    git = repository(tmp_path, ORDERS)
    assert commit(git)
    run(tmp_path)
    was = entries(tmp_path)["orders.0002_note"].fingerprint
    (tmp_path / "migsafe.lock").unlink()
    edit(tmp_path, "max_length=10", "max_length=11")
    entry = accepted(tmp_path, "0002", ref="main")
    assert (entry.fingerprint, entry.date) == (replace(was, sql={}), january(1))
    assert (list(entries(tmp_path)), stands(tmp_path, "main")) == (["orders.0002_note"], {"0002_note"})


def test_an_edit_of_a_file_that_was_no_python(tmp_path: Path) -> None:
    repository(tmp_path, {**ORDERS, NOTE: "print 'Python 2'\n"})
    save(tmp_path, ORDERS)
    entry = accepted(tmp_path, "0002", ref="main")
    assert entry.accepted is not None
    assert entry.accepted.fingerprint == entry.fingerprint


@pytest.mark.parametrize("ref", [None, "main"])
def test_a_file_that_is_gone(tmp_path: Path, ref: str | None) -> None:
    repository(tmp_path, ORDERS)
    if ref is None:
        run(tmp_path)
    (tmp_path / NOTE).unlink()
    entry = accepted(tmp_path, "0002", ref=ref)
    assert entry.accepted is not None
    assert (entry.accepted.fingerprint, stands(tmp_path, ref)) == (None, {"0002_note"})
    save(tmp_path, ORDERS)
    assert stands(tmp_path, ref) == set()


@pytest.mark.parametrize(
    ("app_label", "name", "reason", "error", "message", "hint"),
    [
        ("orders", "0001", " \n", ConfigError, "--reason is empty", "Say why the edit does no harm: reports show it."),
        (
            "orders", "0001", "x", InputError,
            "orders.0001_initial is what it was when it was applied", "There is nothing to accept.",
        ),
        (
            "orders", "0003_new", "x", InputError, "orders.0003_new is not applied, according to main and migsafe.lock",
            "What is not applied can be edited. If it is: migsafe record writes that down.",
        ),
        (
            "orders", "0002_nte", "x", UnknownTargetError, "app orders has, and had, no migration '0002_nte'",
            "Check the name (did you mean 0002_note?).",
        ),
        ("orders", "0", "x", UnknownTargetError, "'0' is ambiguous in app orders: 0001_initial, 0002_note, 0003_new", None),
        ("ordres", "0001", "x", UnknownTargetError, "there is no app 'ordres'", "Did you mean orders?"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted(
    tmp_path: Path, app_label: str, name: str, reason: str, error: type[MigsafeError], message: str, hint: str | None
) -> None:
    repository(tmp_path, ORDERS)
    known = run(tmp_path).text
    save(tmp_path, {"orders/migrations/0003_new.py": migration(dependencies=(("orders", "0002_note"),))})
    with pytest.raises(error) as raised:
        accepted(tmp_path, name, reason, app=app_label, ref="main")
    assert raised.value.message.replace(f"{tmp_path}/", "") == message
    assert raised.value.hint == hint or (hint is None and raised.value.hint)
    assert (tmp_path / "migsafe.lock").read_text() == known


def test_nothing_is_accepted_where_nothing_says_what_is_applied(tmp_path: Path) -> None:
    repository(tmp_path, {**ORDERS, NOTE: "print 'Python 2'\n"})
    (tmp_path / NOTE).unlink()
    with pytest.raises(InputError) as raised:
        accepted(tmp_path, "0002")
    assert raised.value.message == (
        f"nothing says what is applied: {tmp_path / 'migsafe.lock'} does not exist, and no git ref is named"
    )
    with pytest.raises(InputError, match=r"what orders.0002_note was at main cannot be read: .*"):
        accepted(tmp_path, "0002", ref="main")
    assert not (tmp_path / "migsafe.lock").exists()
