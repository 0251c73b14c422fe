"""``migsafe baseline`` as a user runs it."""

import json
import subprocess
from pathlib import Path

import pytest

from migsafe.report import render
from migsafe.verification import RowDifference
from tests.projects import Ran, app, migration, run, write, write_project
from tests.verified import report, verification

CREATE = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("status", models.TextField())])'
)
INDEX = 'migrations.AddIndex("order", models.Index(fields=["status"], name="{}"))'


def change(*names: str) -> str:
    operations = [INDEX.format(name) for name in names]
    return migration(*operations, dependencies=(("orders", "0001_initial"),))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path, app("orders", {"0001_initial": CREATE, "0002_change": change("a_idx")}))


def migsafe(folder: Path, *arguments: str) -> Ran:
    return run(folder, *arguments, env={"GIT_CEILING_DIRECTORIES": str(folder.parent)})


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_written_and_used(project: Path) -> None:
    ran = migsafe(project, "baseline")
    file = project / "migsafe-baseline.json"
    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr.splitlines() == [
        f"{file} has 1 finding now.",
        f'note: lint uses it with --baseline {file}, or baseline = "migsafe-baseline.json" in [tool.migsafe]',
    ]
    assert migsafe(project, "lint").code == 1
    ran = migsafe(project, "lint", "--baseline", "migsafe-baseline.json")
    assert ran.code == 0
    assert "nothing dangerous; 1 suppressed; left out: 1 initial" in ran.stdout


def test_the_configuration_names_the_file_and_a_flag_wins(project: Path) -> None:
    write(project, {"migsafe.toml": 'baseline = "ops.json"\nsince = "main"\n'})
    assert migsafe(project, "baseline").stderr == f"{project / 'ops.json'} has 1 finding now.\n"
    assert migsafe(project, "baseline", "-o", "other.json").stderr == "other.json has 1 finding now.\n"


def test_content_that_is_in_no_commit_is_not_overwritten(project: Path) -> None:
    file = project / "migsafe-baseline.json"
    file.write_text("mine")
    ran = migsafe(project, "baseline")
    assert (ran.code, ran.stderr.splitlines()) == (
        2,
        [f"error: {file} has content that is in no commit", "hint: Commit it first, or overwrite it with --force."],
    )
    assert file.read_text() == "mine"
    git(project, "init", "-q")
    assert migsafe(project, "baseline").code == 2  # not tracked
    git(project, "add", "-A")
    assert migsafe(project, "baseline").code == 2  # not committed
    git(project, "commit", "-q", "-m", "baseline")
    assert migsafe(project, "baseline").code == 0
    file.write_text("mine again")
    assert migsafe(project, "baseline").code == 2
    assert migsafe(project, "baseline", "--force").code == 0
    assert len(json.loads(file.read_text())["findings"]) == 1
    assert migsafe(project, "baseline").code == 0  # it would not change


def test_a_run_that_fails_leaves_it_as_it_was(project: Path) -> None:
    assert migsafe(project, "baseline").code == 0
    before = (project / "migsafe-baseline.json").read_text()
    write(project, {"orders/migrations/0002_change.py": "raise ValueError"})
    assert migsafe(project, "baseline", "--force").code == 2
    assert (project / "migsafe-baseline.json").read_text() == before
    assert migsafe(project, "baseline", "-o", "no/such/folder.json").code == 2


def test_findings_of_verify_are_taken_from_its_report_and_stay(project: Path) -> None:
    proof = verification("0002_change", app="orders", rows=(RowDifference(table="t", column="c", rows=1),))
    (project / "proof.json").write_text(render(report(proof), "json"))
    assert "has 2 findings now" in migsafe(project, "baseline", "--verified", "proof.json").stderr
    file = project / "migsafe-baseline.json"
    codes = [json.loads(line.rstrip(","))["code"] for line in file.read_text().splitlines()[1:-1]]
    assert codes == ["MS201", "MS801"]
    assert "has 2 findings now" in migsafe(project, "baseline").stderr  # lint does not know whether it is still there
    ran = migsafe(project, "lint", "--baseline", "migsafe-baseline.json")
    assert (ran.code, "MS004" in ran.stdout) == (0, False)
    (project / "proof.json").write_text(render(report(verification("0002_change", app="orders")), "json"))
    assert "has 1 finding now" in migsafe(project, "baseline", "--verified", "proof.json", "--force").stderr


def test_what_is_no_report_of_verify(project: Path) -> None:
    (project / "proof.json").write_text("{}")
    ran = migsafe(project, "baseline", "--verified", "proof.json")
    assert (ran.code, ran.stderr.splitlines()) == (
        2,
        [
            "error: proof.json is no report of migsafe verify",
            "hint: migsafe verify --format json writes one.",
        ],
    )
