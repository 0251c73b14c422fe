"""docs/deploy.md: what it shows can be used as it is."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from migsafe.cli import gate, outputs
from migsafe.gate import approvals

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_block_parses() -> None:
    shown = [yaml.safe_load(block) for block in blocks("yaml")]
    assert [next(iter(one)) for one in shown] == ["apiVersion", "apiVersion", "release", "name", "migrate"]
    job, deployment, procfile, workflow, gitlab = shown
    assert [one["command"] for one in job["spec"]["template"]["spec"]["containers"]] == [["sh", "deploy/migrate.sh"]]
    assert deployment["spec"]["template"]["spec"]["initContainers"][0]["command"][:2] == ["migsafe", "gate"]
    assert deployment["spec"]["selector"]["matchLabels"] == deployment["spec"]["template"]["metadata"]["labels"]
    assert procfile["release"] == "sh deploy/migrate.sh"
    assert workflow["jobs"]["migrate"]["steps"][-1] == {"run": "sh deploy/migrate.sh"}
    assert gitlab["migrate"]["script"][-1] == "sh deploy/migrate.sh"
    [fly] = map(tomllib.loads, blocks("toml"))
    assert fly["deploy"]["release_command"] == "sh deploy/migrate.sh"


def test_every_run_of_the_gate_is_possible() -> None:
    runs = [shlex.split(one) for one in re.findall(r"(?<!`)\bmigsafe gate([^\n`&]*)", PAGE)]
    lists: list[Any] = [yaml.safe_load(f"[{one}]") for one in re.findall(r'\["migsafe", "gate", (.*)\]', PAGE)]
    assert len(runs) >= 4
    for words in (*runs, *lists):
        context = gate.command.make_context("gate", words)
        outputs.read(context.params["output"], context.params["format"] or "text")


STUB = """#!/bin/sh
echo "$(basename "$0") $* PGOPTIONS=$PGOPTIONS" >> log
count=$(grep -c "^$(basename "$0")" log)
[ "$count" -gt "${FAILING:-0}" ]
"""


@pytest.mark.parametrize(
    ("failing", "code", "order"),
    [
        ({}, 0, ["migsafe", "python"]),
        ({"python": 2}, 0, ["migsafe", "python", "sleep", "migsafe", "python", "sleep", "migsafe", "python"]),
        ({"migsafe": 1}, 1, ["migsafe"]),
        ({"python": 9}, 1, ["migsafe", *["python", "sleep", "migsafe"] * 5]),
    ],
)
def test_the_script_looks_before_each_try(tmp_path: Path, failing: dict[str, int], code: int, order: list[str]) -> None:
    script, *_ = blocks("sh")
    (tmp_path / "migrate.sh").write_text(script)
    for name in ("migsafe", "python", "sleep"):
        (tmp_path / name).write_text(STUB.replace("${FAILING:-0}", str(failing.get(name, 0))))
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PGOPTIONS": ""}
    done = subprocess.run(["sh", "migrate.sh"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    calls = (tmp_path / "log").read_text().splitlines()
    assert (done.returncode, [one.split()[0] for one in calls]) == (code, order)
    assert all(one.endswith("PGOPTIONS=-c lock_timeout=5s") for one in calls if one.startswith("python"))


def test_the_approvals_shown_are_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "x.toml").write_text(shown)
    [one] = approvals.read(tmp_path / "x.toml")
    assert (one.code, one.by, str(one.until)) == ("MS303", "anna@example.org", "2026-12-01")
    [allowed] = re.findall(r"--allow '([^']+)'", page)
    assert (one.migration or "").startswith(f"{approvals.allowed(allowed).migration}_")
