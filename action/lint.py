"""What action.yml does in Python: lint what an event of GitHub Actions brings, and tell the next steps.

Everything comes from the environment: GitHub's own variables, and the inputs as INPUT_*. The token does not: settings
and migrations of a pull request run here.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PRIVILEGED = ("pull_request_target", "workflow_run")
"""Events with a token that may write, on behalf of a pull request whose code is anybody's."""

REFUSAL = (
    "::error title=migsafe::this runs settings and migrations of the pull request, and {} has a token that may write."
    " Use pull_request, and a second workflow for the comment: docs/ci.md says how."
)


def main(environ: Mapping[str, str]) -> int:
    """Lint; write the outputs ``errors``, ``warnings``, ``infos``, ``exit-code``, ``json``, ``sarif`` and ``plan``.

    Returns:
        0 if there are reports, whatever they say; else 2.
    """
    name = environ["GITHUB_EVENT_NAME"]
    if name in PRIVILEGED:
        print(REFUSAL.format(name))
        return 2
    ref = environ.get("INPUT_SINCE") or since(environ)
    chosen = [f"--since={ref}"] if ref else []
    folder = Path(environ["RUNNER_TEMP"], "migsafe", environ.get("INPUT_PROJECT") or "all")
    folder.mkdir(parents=True, exist_ok=True)
    files = {"json": folder / "lint.json", "sarif": folder / "migsafe.sarif", "markdown": folder / "lint.md"}
    outputs = [f"--output={format_}={file}" for format_, file in files.items()]
    is_commented = environ.get("INPUT_COMMENT") == "true" and name == "pull_request"  # which brings annotations
    more = shlex.split(environ.get("INPUT_ARGUMENTS", ""), comments=True)
    code = migsafe("lint", *chosen, f"--format={'text' if is_commented else 'github'}", *outputs, *more)
    if code not in (0, 1):
        return 2
    append(environ["GITHUB_STEP_SUMMARY"], files["markdown"].read_text(encoding="utf-8"))
    counts = json.loads(files["json"].read_text(encoding="utf-8"))["summary"]
    said = {f"{severity}s": counts[severity] for severity in ("error", "warning", "info")}
    said |= {"exit-code": code, "json": files["json"], "sarif": files["sarif"]}
    if counts["error"] and environ.get("INPUT_PLAN") == "true":
        plan = folder / "plan.json"
        if migsafe("plan", *chosen, f"--output=json={plan}") in (0, 1):
            said["plan"] = plan
    append(environ["GITHUB_OUTPUT"], "".join(f"{name}={value}\n" for name, value in said.items()))
    return 0


def migsafe(*arguments: str) -> int:
    print(shlex.join(["migsafe", *arguments]), flush=True)
    return subprocess.run([sys.executable, "-m", "migsafe", *arguments], check=False).returncode


def append(file: str, text: str) -> None:
    with Path(file).open("a", encoding="utf-8") as opened:
        opened.write(text)


def since(environ: Mapping[str, str]) -> str | None:
    """What was there before the event; None for events that bring nothing new.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    event: dict[str, Any] = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    match environ["GITHUB_EVENT_NAME"]:
        case "pull_request":
            # Checked out by default is the merge into the base, whose first parent is here from fetch-depth: 2 on.
            is_merge = commit("HEAD") == environ["GITHUB_SHA"] and commit("HEAD^1") and commit("HEAD^2")
            return "HEAD^1" if is_merge else f"origin/{environ['GITHUB_BASE_REF']}"
        case "merge_group":
            return str(event["merge_group"]["base_sha"])
        case "push" if environ["GITHUB_REF"].startswith("refs/heads/"):
            default = event["repository"]["default_branch"]
            return str(event["before"]) if environ["GITHUB_REF"] == f"refs/heads/{default}" else f"origin/{default}"
        case _:
            return None


def commit(name: str) -> str | None:
    """The commit that a name stands for, if it is here."""
    parse = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}"]
    return subprocess.run(parse, capture_output=True, text=True, check=False).stdout.strip() or None


if __name__ == "__main__":
    sys.exit(main(os.environ))
