"""``migsafe lint`` as users run it: on projects, through its options, exit codes and files."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.projects import app, migration, run, write, write_project

INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("status", models.TextField())])',
    'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])',
    attributes="initial = True",
)
AFTER_INITIAL = (("orders", "0001_initial"),)


def then(*operations: str, number: int = 2, **options: Any) -> str:
    previous = "0001_initial" if number == 2 else f"{number - 1:04}_change"
    return migration(*operations, dependencies=(("orders", previous),), **options)


def project(folder: Path, *changes: str) -> Path:
    """A project whose app ``orders`` has an initial migration and these on top."""
    names = {f"{number:04}_change": text for number, text in enumerate(changes, start=2)}
    return write_project(folder, app("orders", {"0001_initial": INITIAL, **names}))


def findings(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Findings of a run in JSON; it has to succeed."""
    ran = run(folder, "lint", *arguments, "--format", "json", "--exit-zero")
    assert ran.code == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)["findings"]
    return found


INDEX = then('migrations.AddIndex("order", models.Index(fields=["status"], name="status_idx"))')
REQUIRED = then('migrations.AddField("order", "tracking", models.CharField(max_length=64, default=""))')
IRREVERSIBLE = then('migrations.RunSQL("ANALYZE")')


@pytest.fixture
def unsafe(tmp_path: Path) -> Path:
    return project(tmp_path, INDEX)


# What is looked at


def test_the_whole_first_party_history_by_default(unsafe: Path) -> None:
    ran = run(unsafe, "lint")
    assert ran.code == 1
    assert ran.stderr == ""
    assert "orders/migrations/0002_change.py:7  AddIndex" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("1 error in 1 migration, 1 statement; left out: 1 initial (Django ")


def test_third_party_apps_only_when_asked(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        app("orders", {"0001_initial": INITIAL}),
        extra='INSTALLED_APPS += ["django.contrib.auth", "django.contrib.contenttypes"]',
    )
    assert run(tmp_path, "lint", "--initial").stdout.startswith("1 migration, ")
    report = json.loads(run(tmp_path, "lint", "--initial", "--all-apps", "--format", "json").stdout)
    apps = {one["app"] for one in report["migrations"]}
    assert apps == {"auth", "contenttypes", "orders"}


@pytest.mark.parametrize(
    ("targets", "looked_at"),
    [
        (["orders"], 1),
        (["orders", "0002"], 1),
        (["0002_change"], 1),
        (["orders", "0001", "orders.0002", "orders/migrations/0002_change.py"], 2),
    ],
)
def test_targets(unsafe: Path, targets: list[str], looked_at: int) -> None:
    ran = run(unsafe, "lint", *targets, "--format", "json", "--exit-zero")
    assert len(json.loads(ran.stdout)["migrations"]) == looked_at


def test_since_looks_at_what_a_branch_added_and_takes_it_as_one_change(tmp_path: Path) -> None:
    folder = project(tmp_path)
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "initial"], check=True)
    ran = run(folder, "lint", "--since", "main")
    assert (ran.code, ran.stdout[:24]) == (0, "No migrations to look at")
    fields = '[("id", models.BigAutoField(primary_key=True)), ("code", models.TextField())]'
    create = then(f'migrations.CreateModel("Parcel", {fields})')
    index = then('migrations.AddIndex("parcel", models.Index(fields=["code"], name="code_idx"))', number=3)
    write(folder, {"orders/migrations/0002_change.py": create, "orders/migrations/0003_change.py": index})
    assert findings(folder, "--since", "main") == []
    assert [one["code"] for one in findings(folder)] == ["MS201"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "released"], check=True)
    file = folder / "orders/migrations/0003_change.py"
    file.write_text(file.read_text().replace("(", "(  # a comment\n", 1))
    ran = run(folder, "lint", "--since", "main", "--ignore", "MS7")
    assert (ran.code, ran.stdout.splitlines()[-1].partition(" (")[0]) == (
        0,
        "No migrations to look at; left out: 1 only written otherwise",
    )
    file.write_text(file.read_text().replace("code_idx", "other_idx"))
    assert [one["code"] for one in findings(folder, "--since", "main")] == ["MS701", "MS201"]


# Exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "info", "--exit-zero"], 0),
    ],
)
def test_exit_code_with_a_warning(tmp_path: Path, arguments: list[str], code: int) -> None:
    assert run(project(tmp_path, IRREVERSIBLE), "lint", *arguments).code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "MS2O1"], "there is no rule 'MS2O1'"),
        (["nonsense"], "there is no app 'nonsense'"),
        (["--since", "main"], "is not in a git repository"),
        (["--settings", "nowhere"], "nowhere"),
        (["--postgres", "9"], "9"),
        (["-o", "no/such/folder/report.json"], "no/such/folder/report.json cannot be written"),
    ],
)
def test_what_cannot_run_exits_with_2_and_prints_nothing_on_stdout(
    unsafe: Path, arguments: list[str], message: str
) -> None:
    ran = run(unsafe, "lint", *arguments, env={"GIT_CEILING_DIRECTORIES": str(unsafe.parent)})
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


# Options


def test_select_and_ignore(tmp_path: Path) -> None:
    folder = project(tmp_path, INDEX, IRREVERSIBLE.replace("0001_initial", "0002_change"))
    assert [one["code"] for one in findings(folder)] == ["MS201", "MS501"]
    assert [one["code"] for one in findings(folder, "--select", "MS5")] == ["MS501"]
    assert [one["code"] for one in findings(folder, "--ignore", "MS5", "--ignore", "MS202", "--ignore", "MS7")] == [
        "MS201"
    ]


def test_the_version_of_the_server_matters(tmp_path: Path) -> None:
    folder = project(tmp_path, REQUIRED)
    assert [one["axis"] for one in findings(folder)] == ["compatibility"]
    assert [one["axis"] for one in findings(folder, "--postgres", "10")] == ["compatibility", "locks"]


def test_without_a_version_it_is_the_oldest_that_django_supports(unsafe: Path) -> None:
    from django.db.backends.postgresql.features import DatabaseFeatures

    report = json.loads(run(unsafe, "lint", "--format", "json").stdout)
    assert [report["postgres"]] == list(DatabaseFeatures.minimum_database_version or ())


def test_the_config_file_sets_defaults_and_flags_win(unsafe: Path) -> None:
    write(unsafe, {"migsafe.toml": 'fail-on = "never"\nformat = "json"\npostgres = 17\n'})
    ran = run(unsafe, "lint")
    assert (ran.code, json.loads(ran.stdout)["postgres"]) == (0, 17)
    assert run(unsafe, "lint", "--fail-on", "error", "--postgres", "18", "--format", "text").code == 1


def test_output_goes_to_the_file_and_stdout_stays_empty(unsafe: Path) -> None:
    ran = run(unsafe, "lint", "--format", "json", "-o", "report.json")
    assert (ran.code, ran.stdout) == (1, "")
    assert json.loads((unsafe / "report.json").read_text())["summary"] == {"error": 1, "warning": 0, "info": 0}


def test_several_reports_at_once(unsafe: Path) -> None:
    ran = run(unsafe, "lint", "-o", "sarif=x.sarif", "--output", "junit=x.xml", env={"MIGSAFE_FORMAT": "concise"})
    assert (ran.code, ran.stderr) == (1, "")
    assert ran.stdout.startswith("orders/migrations/0002_change.py:7: MS201 error ")
    assert json.loads((unsafe / "x.sarif").read_text())["version"] == "2.1.0"
    assert (unsafe / "x.xml").read_text().startswith("<?xml")


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "pyproject.toml": '[tool.migsafe.per-migration-ignores]\n"orders.0002_change" = {MS202 = "not any more"}\n',
        },
    )
    folder = project(tmp_path / "backend", INDEX)
    ran = run(folder, "lint", "--format", "json", "-o", "sarif=x.sarif")
    assert (ran.code, ran.stderr) == (1, "")
    report = json.loads(ran.stdout)
    assert report["folder"] == "backend/"
    assert {one["path"] for one in report["findings"]} == {"orders/migrations/0002_change.py", "../pyproject.toml"}
    (log,) = json.loads((folder / "x.sarif").read_text())["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in log["results"]]
    assert set(places) == {"backend/orders/migrations/0002_change.py", "pyproject.toml"}


def test_what_is_no_unicode_is_shown_as_such(tmp_path: Path) -> None:
    folder = project(tmp_path, then('migrations.RunSQL("SELECT \\ud800", "")'))
    ran = run(folder, "lint", "-o", "json=x.json")
    assert "sql      SELECT \\ud800\n" in ran.stdout
    assert "SELECT \\\\ud800" in (folder / "x.json").read_text()


def test_a_run_that_fails_leaves_an_earlier_report_as_it_is(unsafe: Path) -> None:
    write(unsafe, {"report.json": "earlier"})
    assert run(unsafe, "lint", "nonsense", "-o", "report.json").code == 2
    assert (unsafe / "report.json").read_text() == "earlier"


# The JSON report


def test_json_carries_everything(unsafe: Path) -> None:
    report = json.loads(run(unsafe, "lint", "orders.0002", "--format", "json").stdout)
    (shown,) = report["migrations"]
    (operation,) = shown.pop("operations")
    assert shown == {
        "app": "orders",
        "name": "0002_change",
        "path": "orders/migrations/0002_change.py",
        "atomic": True,
        "made": [],
    }
    (statement,) = operation.pop("statements")
    (backward,) = operation.pop("backward")
    assert backward["sql"] == 'DROP INDEX IF EXISTS "status_idx"'
    assert operation == {
        "index": 0,
        "kind": "AddIndex",
        "description": "Create index status_idx on field(s) status of model order",
        "line": 7,
        "reversible": True,
        "opaque": None,
        "atomic": True,
        "source": None,
    }
    assert statement == {
        "sql": 'CREATE INDEX "status_idx" ON "orders_order" ("status")',
        "line": 1,
        "analysed": True,
        "reason": None,
        "fails": None,
        "effects": [
            {
                "relation": "orders_order",
                "lock": "SHARE",
                "rewrites": False,
                "scans": True,
                "blocks": ["writes", "ddl"],
            }
        ],
        "held": [],
        "held_more": 0,
    }
    (finding,) = report["findings"]
    assert (finding["code"], finding["name"], finding["axis"]) == ("MS201", "index_not_concurrent", "locks")
    assert (finding["path"], finding["line"]) == ("orders/migrations/0002_change.py", 7)
    assert (finding["operation"], finding["statement"], finding["relation"]) == (0, 0, "orders_order")


def test_json_is_the_same_for_the_same_history(unsafe: Path) -> None:
    first, second = (run(unsafe, "lint", "--format", "json").stdout for _ in range(2))
    assert first == second


def test_fingerprints_do_not_depend_on_lines(unsafe: Path) -> None:
    before = [one["fingerprint"] for one in findings(unsafe)]
    file = unsafe / "orders" / "migrations" / "0002_change.py"
    file.write_text(f"# a comment\n\n{file.read_text()}")
    assert [one["fingerprint"] for one in findings(unsafe)] == before


def test_what_django_refuses_in_a_transaction_is_a_finding_and_nothing_else(tmp_path: Path) -> None:
    index = 'AddIndexConcurrently("order", models.Index(fields=["status"], name="status_idx"))'
    imports = "from django.contrib.postgres.operations import AddIndexConcurrently"
    report = json.loads(run(project(tmp_path, then(index, imports=imports)), "lint", "--format", "json").stdout)
    assert [finding["code"] for finding in report["findings"]] == ["MS203"]
    assert report["unanalysed"] == []


def test_python_code_is_not_run_but_reported(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        then(
            "migrations.RunPython(fill, migrations.RunPython.noop)",
            imports="def fill(apps, schema_editor):\n    raise SystemExit",
        ),
    )
    ran = run(folder, "lint")
    assert ran.code == 0
    assert "nothing dangerous; 1 RunPython not run" in ran.stdout
    report = json.loads(run(folder, "lint", "--format", "json").stdout)
    (one,) = report["unanalysed"]
    assert (one["kind"], one["migration"], one["line"]) == ("opaque", "0002_change", 8)
    (operation,) = report["migrations"][-1]["operations"]
    assert operation["source"] == "def fill(apps, schema_editor):\n    raise SystemExit\n"
    assert (operation["atomic"], operation["reversible"]) == (True, True)


def test_sql_that_is_not_understood_is_reported(tmp_path: Path) -> None:
    ran = run(project(tmp_path, then('migrations.RunSQL("DRINK tea", "")')), "lint")
    assert 'MS001 the statement could not be analysed: syntax error at or near "DRINK"' in ran.stdout
    assert "DRINK tea" in ran.stdout
    assert "1 warning in 1 migration, 1 statement; 1 not analysed" in ran.stdout


@pytest.mark.parametrize(
    ("column", "hazards"), [("status", ["MS103"]), ("customer_id", ["MS103", "MS307"]), ("stale", [])]
)
def test_sql_that_drops_what_models_still_have_is_a_hazard_whatever_the_operation(
    tmp_path: Path, column: str, hazards: list[str]
) -> None:
    folder = project(
        tmp_path,
        then(
            'migrations.AddField("order", "customer", models.ForeignKey("orders.Customer", models.CASCADE, null=True))',
            'migrations.RunSQL("ALTER TABLE orders_order ADD COLUMN stale int", migrations.RunSQL.noop)',
        ),
        then(f'migrations.RunSQL("ALTER TABLE orders_order DROP COLUMN {column}", migrations.RunSQL.noop)', number=3),
    )
    found = [one["code"] for one in findings(folder, "0003")]
    assert found == hazards


# Terminals


def test_no_escape_sequences_when_piped(unsafe: Path) -> None:
    assert "\x1b" not in run(unsafe, "lint").stdout
    assert "\x1b[" in run(unsafe, "lint", "--color", "always").stdout


def on_terminal(folder: Path, *arguments: str, columns: int = 80, **env: str) -> str:
    """What a run writes to a terminal of that width."""
    leader, follower = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "MIGSAFE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "migsafe", "lint", *arguments],
        cwd=folder,
        env={**environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "24", **env},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    output = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # what Linux says at the end of a terminal
            break
        if not chunk:
            break
        output += chunk
    os.close(leader)
    process.wait()
    return output.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_its_own_width(unsafe: Path) -> None:
    shown = on_terminal(unsafe, columns=64)
    assert "\x1b[1;31m" in shown
    assert "─" * 40 in shown
    assert on_terminal(unsafe, columns=64, NO_COLOR="1").splitlines()[0] == "── orders.0002_change " + "─" * 42


def test_a_long_history_shows_its_progress_on_a_terminal_only(tmp_path: Path) -> None:
    folder = project(tmp_path, *(then('migrations.RunSQL("", "")', number=number) for number in range(2, 60)))
    assert "Replaying migrations" in on_terminal(folder)
    assert run(folder, "lint").stderr == ""


def test_no_color_means_no_escape_sequences_on_a_terminal(unsafe: Path) -> None:
    assert "\x1b" not in on_terminal(unsafe, NO_COLOR="1")
    assert "\x1b" not in on_terminal(unsafe, "--color", "never")
