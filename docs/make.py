"""Write what the documentation takes from the program: output, a picture, commands, rules, the lock table.

python docs/make.py              all of it
python docs/make.py recipes      the tables of docs/plan.md alone: after a change to the docstring of a recipe
python docs/make.py rules        docs/rules alone: after a change to the docstring of a rule
python docs/make.py cli          docs/cli.md alone: after a change to a command
python docs/make.py walk         run what docs/getting-started.md shows
python docs/make.py locks        docs/locks.md alone: after a change to rows
python docs/make.py schemas      docs/schema alone: after a change to what our JSON has
python docs/make.py formats      docs/formats.md alone: after a change to a format
python docs/make.py observed     run every row's probes on every server, write down which servers these were
python docs/make.py --check      exit with 1 if a page is not what would be written
"""

import inspect
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import cli_page
import django
import locks
import msgspec
import rule_pages
import walk
from rich.console import Console
from rich.terminal_theme import MONOKAI

from migsafe.applied import HistoryReport
from migsafe.config import Format
from migsafe.model import Report, SqlReport
from migsafe.plan.recipes import all_recipes
from migsafe.planning import PlanReport
from migsafe.predeploy import GateReport
from migsafe.report import render
from migsafe.report.config import Effective
from migsafe.report.graph import Graph
from migsafe.report.rules import Rules
from migsafe.report.text import print_report
from migsafe.sandbox.binaries import find
from migsafe.sandbox.server import MAJORS
from migsafe.verification import VerifyReport

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "scenarios" / "shop"
TARGET = "orders.0042"
RUNS = {
    "lint": TARGET,
    "plan": f"{TARGET} --strategy nullable",
    "verify": "catalog.0039",
    "history": "orders --only edited --applied-ref main",
}
"""What the README shows: commands with their arguments."""
EDITED = {
    "shop/orders/models.py": ('max_length=10, db_default="en"', 'max_length=16, db_default="en"'),
    "shop/orders/migrations/0034_order_locale.py": ("max_length=10", "max_length=16"),
}
"""Files of the shop, and what becomes of a text in each: a model is changed without a migration of its own."""

MEASURED = re.compile(r"(?<=for )<?\d\S* m?s|(?<=in )<?\d\S* m?s|\b\d+\.\d+(?=, wheel)|\b\d{4}-\d\d-\d\d\b")
"""What is not the same in each run: durations, the server's minor version, when something was recorded."""


def migsafe(*arguments: str, shop: Path = SHOP) -> str:
    """Output of migsafe in the shop, of whatever Django; that there are findings is no failure."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment["MIGSAFE_SANDBOX_PROVIDER"] = "wheel"
    process = subprocess.run(
        [sys.executable, "-m", "migsafe", *arguments],
        cwd=shop,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode not in (0, 1):
        raise SystemExit(f"migsafe {' '.join(arguments)} failed with {process.returncode}")
    return process.stdout.replace(django.get_version(), "5.2")


@cache
def linted() -> Report:
    return msgspec.json.decode(migsafe("lint", TARGET, "--format", "json"), type=Report)


def picture() -> str:
    """The text report as rich draws it in a terminal of 100 columns."""
    console = Console(file=io.StringIO(), record=True, width=100, force_terminal=True, _environ={})
    print_report(linted(), console)
    return console.export_svg(title=f"migsafe lint {TARGET}", theme=MONOKAI, unique_id="migsafe")


def fill(text: str, name: str, block: str) -> str:
    """Put a block between the comments ``<!-- name -->`` and ``<!-- end of name -->``."""
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL)
    filled, count = pattern.subn(lambda found: f"{found[1]}{block}\n{found[2]}", text)
    if count != 1:
        raise SystemExit(f"there are {count} places for {name!r}")
    return filled


def history(*arguments: str) -> str:
    """Output of migsafe history in a copy of the shop where somebody has edited what is in a commit and recorded."""
    with TemporaryDirectory() as folder:
        shop = shutil.copytree(SHOP, Path(folder, "shop"), ignore=shutil.ignore_patterns("__pycache__"))
        for command in ("init -q -b main", "add .", "commit -q -m release"):
            git = ["git", "-c", "user.name=shop", "-c", "user.email=shop@example.org", *command.split()]
            subprocess.run(git, cwd=shop, check=True)
        migsafe("record", arguments[0], shop=shop)
        for file, (before, after) in EDITED.items():
            (shop / file).write_text((shop / file).read_text().replace(before, after))
        return migsafe("history", *arguments, shop=shop)


def run(command: str, arguments: list[str]) -> str:
    if command == "lint":
        return render(linted(), "text")  # what it prints, without one more look at the shop
    return history(*arguments) if command == "history" else migsafe(command, *arguments)


def readme() -> Iterator[tuple[Path, str | None]]:
    path = ROOT / "README.md"
    text = path.read_text()
    for command, arguments in RUNS.items():
        output = run(command, arguments.split()).rstrip()
        text = fill(text, command, f"```console\n$ migsafe {command} {arguments}\n{output}\n```")
    yield path, text
    yield ROOT / "docs" / "images" / "lint.svg", picture()


def lock_table() -> Iterator[tuple[Path, str | None]]:
    yield ROOT / "docs" / "locks.md", locks.page()


def commands() -> Iterator[tuple[Path, str | None]]:
    yield ROOT / "docs" / "cli.md", cli_page.page()


def getting_started() -> Iterator[tuple[Path, str | None]]:
    page = ROOT / "docs" / "getting-started.md"
    yield page, walk.walked(page, ROOT / "docs" / "bakery")


def described(schema: Any) -> Any:
    """A JSON schema with the docstrings in it as every Python indents them."""
    if isinstance(schema, list):
        return [described(each) for each in schema]
    if isinstance(schema, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else described(value)
            for key, value in schema.items()
        }
    return schema


def schemas() -> Iterator[tuple[Path, str | None]]:
    kinds = {
        "lint": Report,
        "verify": VerifyReport,
        "history": HistoryReport,
        "plan": PlanReport,
        "gate": GateReport,
        "sql": SqlReport,
        "graph": Graph,
        "rules": Rules,
        "config": Effective,
    }
    for name, kind in kinds.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | described(msgspec.json.schema(kind))
        yield ROOT / "docs" / "schema" / f"{name}.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def formats() -> Iterator[tuple[Path, str | None]]:
    """A sample of each, but for JSON, which has a page of its own."""
    path = ROOT / "docs" / "formats.md"
    text = path.read_text()
    for name in set(get_args(Format)) - {"json"}:
        language = {"sarif": "json", "gitlab": "json", "junit": "xml", "markdown": "markdown"}.get(name, "text")
        text = fill(text, name, f"````{language}\n{render(linted(), name)}````")
    yield path, text


def recipes() -> Iterator[tuple[Path, str | None]]:
    """What plans are made of, and where there is a choice."""
    path = ROOT / "docs" / "plan.md"
    rows = [
        f"| `{one.name}` | {', '.join(f'`{kind}`' for kind in one.kinds)} | {one.summary.replace('``', '`')}. |"
        for one in all_recipes()
    ]
    ways = [
        f"| `{recipe.name}` | `{name}` | {text} |"
        for recipe in all_recipes()
        for name, text in recipe.strategies.items()
    ]
    text = fill(path.read_text(), "recipes", "\n".join(["| recipe | for | what it does |", "|---|---|---|", *rows]))
    yield path, fill(text, "strategies", "\n".join(["| recipe | `--strategy` | |", "|---|---|---|", *ways]))


PAGES = {
    "readme": readme,
    "recipes": recipes,
    "cli": commands,
    "walk": getting_started,
    "locks": lock_table,
    "rules": rule_pages.pages,
    "schemas": schemas,
    "formats": formats,
}
"""What makes the files of a part: each with its text, None where there must be none."""


def observe() -> None:
    """Run the tests of the lock table on every server, and write the servers down if they pass."""
    rows = locks.digest()
    environment = os.environ | {"MIGSAFE_TEST_POSTGRES": ",".join(map(str, MAJORS))}
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/postgres/test_facts.py"]
    subprocess.run(tests, cwd=ROOT, env=environment, check=True)
    servers = {major: find(major).version.partition(" ")[0] for major in MAJORS}
    locks.OBSERVED.write_text(json.dumps({"rows": rows, "servers": servers}, indent=2) + "\n")


def same(text: str | None, written: str | None) -> bool:
    """Whether a page says the same, but for what was `MEASURED`."""
    return text == written or (bool(text and written) and MEASURED.sub("", text) == MEASURED.sub("", written))


def main() -> None:
    arguments = sys.argv[1:]
    if "observed" in arguments:
        observe()
    for name in [name for name in PAGES if name in arguments] or PAGES:
        for path, text in PAGES[name]():
            if same(text, path.read_text() if path.exists() else None):
                continue
            if "--check" in arguments:
                raise SystemExit(f"{path.relative_to(ROOT)} is stale: python docs/make.py {name}")
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)


if __name__ == "__main__":
    main()
