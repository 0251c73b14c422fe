"""Pages that are carried out: their diffs are applied, their commands run, and what these print is put below them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

ROOT = Path(__file__).resolve().parent.parent
STEP = re.compile(r"(?<=^```)(console|diff)\n(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
HOME = "/home/you"
"""Where the page has the project."""


def walked(page: Path, project: Path) -> str:
    """The page after each ``console`` and ``diff`` block was carried out in a copy of a project, in a git repository.

    A line of a ``console`` block that begins with ``$`` is a command; all else is output, and is replaced.
    """
    with TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        copy = shutil.copytree(project, home / project.name, ignore=shutil.ignore_patterns("__pycache__"))
        environment = _environment(home)
        _run("git init -q -b main && git add . && git commit -q -m release", copy, environment)

        def carried_out(step: re.Match[str]) -> str:
            kind, text = step.groups()
            if kind == "diff":
                _run("git apply", copy, environment, text)
                return step[0]
            commands = re.findall(r"^\$ (.*\n)", text, re.MULTILINE)
            return f"{kind}\n" + "".join(f"$ {line}{_run(line, copy, environment)}" for line in commands)

        text = STEP.sub(carried_out, page.read_text())
    return text.replace(str(home), HOME).replace(django.get_version(), "5.2")


def _environment(home: Path) -> dict[str, str]:
    """What a person's shell has: ``python`` and ``migsafe`` of this environment, and a name for git; no CI."""
    programs = home / "bin"
    programs.mkdir()
    for name, command in {"python": "", "migsafe": " -m migsafe"}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{command} "$@"\n')
        (programs / name).chmod(0o755)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", str(home)),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore::RuntimeWarning",  # makemigrations has no database to ask, and says so
        "MIGSAFE_SANDBOX_PROVIDER": "wheel",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{
            f"GIT_{who}_{what}": f"you{at}"
            for who in ("AUTHOR", "COMMITTER")
            for what, at in (("NAME", ""), ("EMAIL", "@example.org"))
        },
    }


def _run(command: str, folder: Path, environment: dict[str, str], text: str | None = None) -> str:
    """What a command prints, errors included; that there are findings is no failure."""
    made = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if made.returncode not in (0, 1):
        raise SystemExit(f"{command.strip()} failed with {made.returncode}:\n{made.stdout}")
    return made.stdout
