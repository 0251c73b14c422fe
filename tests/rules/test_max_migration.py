"""MS720: the file that django-linear-migrations keeps."""

import pytest

from migsafe.model import Finding, Severity
from migsafe.rules import max_migration
from migsafe.testing import Migration, Scenario
from tests.rules.history import found

FILE = "shop/migrations/max_migration.txt"
CONFLICT = "<<<<<<< HEAD\n0002_gift\n=======\n0002_item\n>>>>>>> Item of an order\n"


def says(
    text: str, *migrations: Migration, files: dict[str, str] | None = None, **more: list[str]
) -> tuple[Finding, ...]:
    scenario = Scenario(files={FILE: text, **(files or {})}, installed=more.get("installed", []))
    own = migrations or (Migration(name="0001_initial"), Migration(name="0002_item"))
    return found(max_migration.rule, *own, scenario=scenario, apps=more.get("apps", ["shop"]))


@pytest.mark.parametrize("text", ["0002_item\n", "0002_item", "\n0002_item\r\n"])
def test_the_last_migration_is_right_with_a_line_end_or_without(text: str) -> None:
    assert says(text) == ()


@pytest.mark.parametrize(
    ("text", "message", "command"),
    [
        (CONFLICT, "has conflict markers", "rebase_migration shop"),
        ("0001_initial\n", "names 0001_initial, but the last migration is 0002_item", "create_max_migration_files --recreate shop"),
        ("0003_gone\n", "names 0003_gone, but the last migration is 0002_item", "create_max_migration_files --recreate shop"),
        ("0002_item\n0002_gift\n", "has 2 lines: it should be 0002_item alone", "create_max_migration_files --recreate shop"),
        ("", "is empty: it should name 0002_item", "create_max_migration_files --recreate shop"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_command(text: str, message: str, command: str) -> None:
    (finding,) = says(text)
    assert (finding.app, finding.migration, finding.path) == ("shop", None, FILE)
    assert finding.severity is Severity.WARNING
    assert finding.message == f"max_migration.txt of shop {message}"
    assert f"python manage.py {command}\n" in finding.fix


def test_it_is_an_error_where_the_package_checks_it() -> None:
    files = {"django_linear_migrations/__init__.py": ""}
    (finding,) = says("0001_initial\n", files=files, installed=["django_linear_migrations"])
    assert finding.severity is Severity.ERROR


def test_the_squash_is_what_the_file_names() -> None:
    squash = Migration(
        name="0001_squashed_0002_item",
        dependencies=[],
        attributes='replaces = [("shop", "0001_initial"), ("shop", "0002_item")]',
    )
    history = Migration(name="0001_initial"), Migration(name="0002_item"), squash
    assert says("0001_squashed_0002_item\n", *history) == ()
    (finding,) = says("0002_item\n", *history)
    assert "the last migration is 0001_squashed_0002_item" in finding.message


def test_several_leaf_nodes_and_other_apps_are_for_others() -> None:
    start = Migration(name="0001_initial", dependencies=[])
    sides = [Migration(name=f"0002_{name}", dependencies=[("shop", "0001_initial")]) for name in ("gift", "item")]
    assert says("0002_gift\n", start, *sides) == ()
    assert says("0001_initial\n", apps=["stock"]) == ()


def test_a_conflict_is_resolved_by_the_package_while_there_are_two_leaf_nodes() -> None:
    start = Migration(name="0001_initial", dependencies=[])
    sides = (Migration(name=f"0002_{name}", dependencies=[("shop", "0001_initial")]) for name in ("gift", "item"))
    (finding,) = says(CONFLICT, start, *sides)
    assert "python manage.py rebase_migration shop\n" in finding.fix
