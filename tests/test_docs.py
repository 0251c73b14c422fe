"""What the documentation says of the program is what the program does."""

import re
import shlex
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import get_args

import django
import pytest

from migsafe.cli import cli, outputs
from migsafe.cli.lint import command
from migsafe.config import FIELDS, Format, flat, load_config

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "scenarios/shop/README.md"]


@pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")
@pytest.mark.slow
def test_generated_parts_are_up_to_date() -> None:
    """README's output and picture, and a sample of each format, are what docs/make.py writes."""
    assert_up_to_date("readme", "formats")


@pytest.mark.skipif(django.VERSION < (5, 2), reason="the plan's files are those for Django 5.2")
@pytest.mark.slow
def test_getting_started_goes_as_it_says() -> None:
    """Its commands are run in docs/bakery, one after the other, and print what it shows."""
    assert_up_to_date("walk")


def test_every_command_is_described_as_it_describes_itself() -> None:
    assert_up_to_date("cli")
    assert "|  |" not in (ROOT / "docs/cli.md").read_text()  # an option without help


def test_the_page_of_the_lock_table_is_up_to_date() -> None:
    assert_up_to_date("locks")


def test_every_rule_has_its_page_and_there_is_no_other() -> None:
    assert_up_to_date("rules")


def test_every_recipe_is_described() -> None:
    assert_up_to_date("recipes")


def test_the_schemas_are_those_of_the_types() -> None:
    assert_up_to_date("schemas")


def assert_up_to_date(*pages: str) -> None:
    make = [sys.executable, "docs/make.py", *pages, "--check"]
    made = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr  # it names the command that writes the page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_the_site_builds_and_all_its_links_hold(tmp_path: Path) -> None:
    """All pages are read, and what they refer to; two are drawn, since the theme takes long for each."""
    pytest.importorskip("sphinx", reason="the dependency group docs is not installed")
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-d", str(tmp_path / "read")]
    site = tmp_path / "site"
    for run in (
        [*sphinx, "-b", "dummy", "-n", "-W", "--keep-going", "docs", str(site)],
        [*sphinx, "-b", "html", "docs", str(site), "docs/README.md", "docs/rules/README.md"],
    ):
        built = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
        assert built.returncode == 0, built.stderr  # a new page belongs into a list of docs/README.md
    assert 'href="rules/README.html"' in (site / "index.html").read_text()
    assert 'href="MS201.html"' in (site / "rules/index.html").read_text()


def test_every_option_is_described() -> None:
    described = re.findall(r"^\| `([a-z.-]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    assert sorted(described) == sorted(FIELDS)


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md", "docs/muting.md"])
def test_configuration_shown_is_accepted(page: str, tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert examples
    for example in examples:
        (tmp_path / "pyproject.toml").write_text(example)
        written = tomllib.loads(example)["tool"]["migsafe"]
        config = load_config(tmp_path, environ={})
        assert set(config.sources) == {FIELDS[name].name for name, _ in flat(written)}


def test_every_format_is_shown_and_runs_shown_are_possible() -> None:
    text = (ROOT / "docs/formats.md").read_text()
    assert set(re.findall(r"^\| \[`(\w+)`\]", text, re.MULTILINE)) == set(get_args(Format))
    runs = re.findall(r"migsafe (lint --since .+(?:\n +--output .+)*)", text)
    assert len(runs) == 2
    for run in runs:
        words = shlex.split(re.sub(r"\$\{\{[^}]*\}\}", "main", run))
        context = command.make_context("lint", words[1:])
        assert len(outputs.read(context.params["output"], context.params["format"] or "text")) == 3


@pytest.mark.parametrize(("page", "number"), [("history", 10), ("getting-started", 2), ("comment", 5)])
def test_runs_in_ci_are_possible(page: str, number: int) -> None:
    text = (ROOT / f"docs/{page}.md").read_text()
    runs = re.findall(r"^ +- (?:run: )?migsafe ([^|\n]+)", text, re.MULTILINE)
    assert len(runs) == number
    for run in runs:
        name, *words = shlex.split(run)
        called = cli.get_command(None, name)  # type: ignore[arg-type]  # it needs no context
        assert called is not None
        called.make_context(name, words)


def test_commands_shown_exist() -> None:
    blocks = chain(*(re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(), re.DOTALL) for page in PAGES))
    shown = set(chain(*(re.findall(r"^(?:\$ )?migsafe ([a-z]+)", block, re.MULTILINE) for block in blocks)))
    assert shown <= set(cli.list_commands(None))  # type: ignore[arg-type]  # it needs no context
