"""Tests on every pair of Python and Django that Django supports; ``nox -t ends`` takes the oldest and the newest."""

import os
import sys
from pathlib import Path

import nox

# https://docs.djangoproject.com/en/dev/faq/install/#what-python-version-can-i-use-with-django
PYTHONS = {
    "4.2": ["3.11", "3.12"],
    "5.2": ["3.11", "3.12", "3.13"],
    "6.0": ["3.12", "3.13"],
    "6.1": ["3.12", "3.13"],
}
PAIRS = [(python, django) for django, pythons in PYTHONS.items() for python in pythons]
ENDS = (PAIRS[0], PAIRS[-1])

# pyenv's interpreters, before its shims: a shim is on PATH even when no shell has chosen its version. And, behind all
# else, our own uv: the environments it makes have no pip, and the sandbox needs either to fetch PostgreSQL.
interpreters = sorted(Path("~/.pyenv/versions").expanduser().glob("3.1[1-3]*/bin"))
os.environ["PATH"] = os.pathsep.join(map(str, [*interpreters, os.environ["PATH"], Path(sys.executable).parent]))

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"


@nox.session
@nox.parametrize("python,django", [nox.param(*pair, tags=["ends"] if pair in ENDS else []) for pair in PAIRS])
def tests(session: nox.Session, django: str) -> None:
    """Run pytest, with the arguments after ``--`` if there are any."""
    # uv leaves compiling to the first import, and where Python is told to write no bytecode, each of the hundreds of
    # processes that tests start would do it anew.
    session.install("--compile-bytecode", "--editable", ".", "--group", "tests", f"django~={django}.0")
    session.run("python", "-m", "compileall", "-q", "-j", "0", "migsafe")
    session.run("pytest", "-n", "2", *session.posargs)
