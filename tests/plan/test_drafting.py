"""Names, numbers and dependencies of planned files."""

import shutil
import textwrap
from pathlib import Path

import pytest

from migsafe.plan.drafting import Names
from migsafe.plan.formatting import formatter
from migsafe.plan.imports import WIDTH
from migsafe.planning import PlanReport, WriteMigration
from migsafe.testing import Migration, Scenario

TABLE = """[("id", models.BigAutoField(primary_key=True)), ("email", models.CharField(max_length=9))]"""
shop = Scenario(
    Migration(f'migrations.CreateModel("Order", {TABLE})', f'migrations.CreateModel("Line", {TABLE})'),
    Migration(f'migrations.CreateModel("Customer", {TABLE})', app="crm"),
)
INDEX = 'migrations.AddIndex("{0}", models.Index(fields=["email"], name="{0}_email"))'
NOTE = 'migrations.AddField("{}", "note", models.TextField(null=True))'
REMOVE = 'migrations.RemoveField("{}", "email")'


def files(report: PlanReport) -> list[WriteMigration]:
    return [step for deploy in report.plan.deploys for step in deploy.migrations]


def dependencies(step: WriteMigration) -> str:
    """What stands between the brackets, on one line."""
    return " ".join(step.source.partition("dependencies = [")[2].partition("\n    ]")[0].replace("'", '"').split())


def test_numbers_jump_over_those_that_are_taken() -> None:
    names = Names({("shop", "0003_other"), ("shop", "0004_more"), ("crm", "0002_x")})
    original = "shop", "0002_change"
    assert names.choose(original, ["first"], after=None) == ("shop", "0002_first")
    assert names.choose(original, ["second"], after=("shop", "0002_first")) == ("shop", "0005_second")
    assert names.choose(original, ["third"], after=("shop", "0009_leaf")) == ("shop", "0010_third")
    assert names.choose(("shop", "42_wide"), ["a"], after=None) == ("shop", "42_a")
    assert names.next(("shop", "0006_later"), after=("shop", "0010_third")) == ("shop", "0011_later")


def test_names_without_numbers() -> None:
    names = Names({("shop", "squashed")})
    assert names.choose(("shop", "change"), ["squashed"], after=None) == ("shop", "squashed_2")
    assert names.choose(("shop", "change"), ["squashed"], after=None) == ("shop", "squashed_3")
    assert names.next(("shop", "change"), after=("shop", "x")) == ("shop", "change")


def test_name_of_the_original_is_not_used_for_another() -> None:
    names = Names(set())
    original = "shop", "0002_change"
    assert names.choose(original, ["change", "change_expand"], after=None, other_than=[original]) == (
        "shop",
        "0002_change_expand",
    )


def test_first_file_has_the_dependencies_of_the_original() -> None:
    own = Migration(
        INDEX.format("order"), NOTE.format("order"), dependencies=[("shop", "0001_initial"), ("crm", "0001_initial")]
    )
    first, second = files(shop.plan(own))
    assert dependencies(first) == '("shop", "0001_initial"), ("crm", "0001_initial"),'
    assert dependencies(second) == f'("shop", "{first.name}"),'
    assert (int(first.name[:4]), int(second.name[:4])) == (2, 3)
    assert first.target == second.target == "shop.0002_change"


def test_originals_that_depend_on_each_other() -> None:
    report = shop.plan(
        Migration(INDEX.format("customer"), REMOVE.format("customer"), app="crm"),
        Migration(INDEX.format("order"), dependencies=[("shop", "0001_initial"), ("crm", "0002_change")]),
        Migration(INDEX.format("line"), dependencies=[("shop", "0002_change")]),
    )
    made = files(report)
    order, line = (
        next(step for step in made if step.target == f"shop.{one}") for one in ("0002_change", "0003_change")
    )
    assert dependencies(line) == f'("shop", "{order.name}"),'
    before = [step for step in report.plan.deploys[0].migrations if step.app == "crm"][-1]
    assert dependencies(order) == f'("shop", "0001_initial"), ("crm", "{before.name}"),'
    # The column goes in a later deploy, which is after all that its app has by then.
    later = [step for deploy in report.plan.deploys[1:] for step in deploy.migrations]
    assert later
    assert {step.app for step in later} == {"crm"}
    assert dependencies(later[0]) == f'("crm", "{before.name}"),'


def test_run_before_is_said_of_the_last_file() -> None:
    own = Migration(
        INDEX.format("order"),
        NOTE.format("order"),
        dependencies=[("shop", "0001_initial")],
        attributes='run_before = [("crm", "0002_change")]  # it needs the note',
    )
    other = Migration(NOTE.format("customer"), app="crm", dependencies=[("crm", "0001_initial")])
    *first, last, crm = sorted(files(shop.plan(other, own)), key=lambda step: step.app == "crm")
    assert 'run_before = [\n        ("crm", "0002_change"),\n    ]' in last.source
    assert not any("run_before" in step.source for step in [*first, crm])


def test_first_file_of_what_run_before_names_depends_on_the_last_of_its_own() -> None:
    own = Migration(
        INDEX.format("order"),
        dependencies=[("shop", "0001_initial")],
        attributes='run_before = [("crm", "0002_change")]',
    )
    other = Migration(INDEX.format("customer"), app="crm", dependencies=[("crm", "0001_initial")])
    report = shop.plan(other, own)
    assert not report.plan.unsolved
    order, customer = files(report)
    assert (order.app, customer.app) == ("shop", "crm")
    assert "run_before" not in order.source
    assert f'("shop", "{order.name}")' in dependencies(customer)


def test_safe_migration_is_left_as_it_is() -> None:
    report = shop.plan(
        Migration(NOTE.format("order"), code="# Mine,\nand = 'mine'".replace("and", "x")),
        Migration(INDEX.format("line")),
    )
    first, second = files(report)
    assert first.name == "0002_change"
    assert first.source == report.plan.originals["shop/migrations/0002_change.py"]
    assert second.name != "0003_change"


def test_what_the_author_says_goes_with_the_operation() -> None:
    operation = f"# Support asks for it.\n{INDEX.format('order')},  # migsafe: ignore[MS999] not now"
    report = shop.plan(Migration(operation.rstrip(","), NOTE.format("order")))
    first, second = files(report)
    assert first.source.count("# Support asks for it.") == 1
    assert "Support" not in second.source


def test_comment_says_which_deploy() -> None:
    report = shop.plan(Migration(REMOVE.format("order")))
    for deploy in report.plan.deploys:
        for step in deploy.migrations:
            comment = " ".join(line[2:] for line in step.source.splitlines() if line.startswith("# "))
            assert comment.startswith(f"Deploy {deploy.number} of {len(report.plan.deploys)} of what was 0002_change. ")
            assert step.why in comment


@pytest.mark.skipif(not shutil.which("ruff"), reason="ruff is not installed")
def test_formatter_of_the_project(tmp_path: Path) -> None:
    text = "x = ( 'a',\r\n'b')\r\n"
    path = tmp_path / "shop" / "migrations" / "0002_x.py"
    assert formatter(tmp_path)(text, path) == text
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.format]\nquote-style = "single"\n')
    assert formatter(tmp_path)(text, path) == "x = ('a', 'b')\r\n"
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nextend-exclude = ["*/migrations/*"]\n')
    assert formatter(tmp_path)(text, path) == text
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nno-such-option = 1\n")
    assert formatter(tmp_path)(text, path) == text
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "ruff.toml").touch()
    (tmp_path / "shop").mkdir()
    assert formatter(tmp_path / "shop")(text, path) == 'x = ("a", "b")\r\n'
    assert formatter(tmp_path)("x = (", path) == "x = ("


def test_comment_is_wrapped() -> None:
    report = shop.plan(Migration(REMOVE.format("order")))
    step = files(report)[0]
    lines = [line for line in step.source.splitlines() if line.startswith("# ")]
    assert lines == textwrap.wrap(
        " ".join(line[2:] for line in lines), WIDTH, initial_indent="# ", subsequent_indent="# "
    )
