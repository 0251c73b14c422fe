"""Small Django projects for tests: written to a folder, and run as a user runs them, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

MANAGE = """
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""


@dataclass(frozen=True)
class Ran:
    """What a finished command left behind."""

    code: int
    stdout: str
    stderr: str


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by relative path; their text may be indented."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).removeprefix("\n"), encoding="utf-8")
    return folder


def settings(*apps: str, engine: str = "django.db.backends.postgresql", extra: str = "") -> str:
    """Text of a settings module with one database and only the given apps."""
    options = {"options": "-c lock_timeout=5s"}
    database = {"ENGINE": engine, "NAME": "shop", "HOST": "nowhere.invalid", "OPTIONS": options}
    return f"""\
INSTALLED_APPS = {list(apps)!r}
DATABASES = {{"default": {database!r}}}
SECRET_KEY = "test"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
{dedent(extra)}"""


def migration(
    *operations: str, dependencies: tuple[tuple[str, str], ...] = (), attributes: str = "", imports: str = ""
) -> str:
    """Text of a migration module; operations as they are written in one (``migrations.RunSQL("…")``)."""
    body = "".join(f"        {operation},\n" for operation in operations)
    more = "".join(f"    {line}\n" for line in dedent(attributes).splitlines())
    return (
        f"from django.db import migrations, models\n{dedent(imports)}\n\n"
        f"class Migration(migrations.Migration):\n{more}"
        f"    dependencies = {list(dependencies)!r}\n    operations = [\n{body}    ]\n"
    )


def app(label: str, migrations: Mapping[str, str], models: str = "") -> dict[str, str]:
    """Files of an app with these migration modules, by name without ``.py``."""
    return {
        f"{label}/__init__.py": "",
        f"{label}/models.py": models,
        f"{label}/migrations/__init__.py": "",
        **{f"{label}/migrations/{name}.py": text for name, text in migrations.items()},
    }


def write_project(folder: Path, *apps: Mapping[str, str], extra: str = "", **files: str) -> Path:
    """Write a project: ``manage.py``, ``config/settings.py`` with the given apps installed, and the apps' files."""
    labels = [next(iter(files)).partition("/")[0] for files in apps]
    write(folder, {"manage.py": MANAGE, "config/__init__.py": "", "config/settings.py": settings(*labels, extra=extra)})
    for one in apps:
        write(folder, one)
    return write(folder, files)


def run(
    folder: Path, *arguments: str, env: Mapping[str, str | None] | None = None, python: str = sys.executable
) -> Ran:
    """Run ``migsafe`` in a folder, as from a shell without a terminal.

    That models have no migration is ignored by default: most of these projects have migrations without models.

    Args:
        env: Environment variables to set, or with None to unset.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "MIGSAFE_", "GIT_"))}
    clean["MIGSAFE_IGNORE"] = "MS709"
    for name, value in (env or {}).items():
        if value is None:
            clean.pop(name, None)
        else:
            clean[name] = value
    done = subprocess.run(
        [python, "-m", "migsafe", *arguments],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run_python(folder: Path, script: str) -> Ran:
    """Run a Python script with a folder as its working directory."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)
