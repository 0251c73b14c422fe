"""MS715: which part of an app's history one squash can stand for; Django's own command agrees."""

from collections.abc import Sequence

import pytest
from django.core.management import call_command

from migsafe.applied import Past
from migsafe.errors import GraphError
from migsafe.project.graph import History
from migsafe.rules import long_history
from migsafe.testing import Migration
from tests.rules.history import found, with_database


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_history, "MANY", 4)


def at(number: int, *others: Migration, name: str = "", attributes: str = "", code: str = "") -> Migration:
    """A migration of the shop after the one with the number before, and after others."""
    own = [("shop", f"{number - 1:04}")] if number > 1 else []
    after = [(one.app, one.name or "") for one in others]
    operations = ["migrations.RunPython(fill, migrations.RunPython.noop)"] if code else []
    return Migration(
        *operations, name=name or f"{number:04}", dependencies=[*own, *after], attributes=attributes, code=code
    )


def fix(*migrations: Migration, past: Past | None = None) -> str:
    (finding,) = found(long_history.rule, *migrations, past=past)
    return finding.fix


CHAIN = [at(number) for number in range(1, 6)]
STOCK = Migration(app="stock", name="0001_initial", dependencies=[("shop", "0001")])
BETWEEN = [at(1), STOCK, at(2, STOCK), *(at(number) for number in range(3, 6))]


def test_a_chain_is_squashed_to_its_end() -> None:
    assert "python manage.py squashmigrations shop 0005\n" in fix(*CHAIN)
    assert found(long_history.rule, *CHAIN[:3]) == ()
    assert found(long_history.rule, *CHAIN, looked_at=[("shop", "0005")]) == ()
    assert found(long_history.rule, *CHAIN, apps=["orders"]) == ()


def test_only_what_all_have_applied_is_squashed() -> None:
    known = Past(ref="main", applied={("shop", f"{number:04}"): {"git": None} for number in range(1, 5)})
    assert "squashmigrations shop 0004\n" in fix(*CHAIN, past=known)
    assert found(long_history.rule, *CHAIN, past=Past(ref="main")) == ()


def test_a_squash_is_no_part_of_another_one() -> None:
    squash = Migration(name="0001", attributes='replaces = [("shop", "0000_a")]', dependencies=[])
    assert "squashmigrations shop 0002 0005\n" in fix(squash, *CHAIN[1:])
    assert found(long_history.rule, squash, *CHAIN[1:4]) == ()


def test_what_a_squash_has_to_keep_is_told() -> None:
    code = "def fill(apps, schema_editor): pass"
    keeps = fix(*CHAIN[:3], at(4, code=code), at(5, attributes="atomic = False"))
    assert "It keeps 1 RunPython and RunSQL operations" in keeps
    assert "Not atomic, so the squash cannot be either: 0005." in keeps


def squashed(migrations: Sequence[Migration], *arguments: str) -> None:
    """Have Django squash, and load the result."""
    with with_database(migrations) as project:
        call_command("squashmigrations", *arguments, interactive=False, verbosity=0)
        History(project)


def test_no_migration_of_another_app_runs_between_those_of_a_squash() -> None:
    assert "squashmigrations shop 0002 0005\n" in fix(*BETWEEN)
    squashed(BETWEEN, "shop", "0002", "0005")
    with pytest.raises(GraphError, match="in a circle"):
        squashed(BETWEEN, "shop", "0005")


def test_branches_that_are_not_merged_within_it_are_left_out() -> None:
    side = Migration(name="0003_side", dependencies=[("shop", "0002")])
    merge = Migration(name="0006", dependencies=[("shop", "0005"), ("shop", "0003_side")])
    assert "squashmigrations shop 0006\n" in fix(*CHAIN, side, merge)
    assert found(long_history.rule, *CHAIN, side) == ()
