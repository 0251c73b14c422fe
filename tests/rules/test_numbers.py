"""MS710 and MS711: numbers that clash, and numbers that are missing."""

import pytest

from migsafe.applied import Past
from migsafe.model import Severity
from migsafe.rules import number_clash, number_gap
from migsafe.testing import Migration
from tests.rules.history import found


def at(name: str, *after: str, replaces: tuple[str, ...] = ()) -> Migration:
    attributes = f"replaces = {[('shop', one) for one in replaces]!r}" if replaces else ""
    return Migration(name=name, dependencies=[("shop", one) for one in after], attributes=attributes)


def applied(*names: str) -> Past:
    return Past(ref="main", applied={("shop", name): {"git": None} for name in names})


FIRST = at("0001_initial")


# Clashes


def test_new_migration_with_the_number_of_one_before_it() -> None:
    chain = FIRST, at("0002_a", "0001_initial"), at("0002_b", "0002_a"), at("0003_c", "0002_b")
    known = applied("0001_initial", "0002_a")
    (finding,) = found(number_clash.rule, *chain, past=known)
    assert finding.message == "0002_b has the same number as 0002_a, which it depends on"
    assert finding.severity is Severity.INFO
    folder = "shop/migrations"
    assert finding.fix.splitlines()[3:5] == [
        f"git mv {folder}/0003_c.py {folder}/0004_c.py",
        f"git mv {folder}/0002_b.py {folder}/0003_b.py",
    ]
    # Without anybody to ask, what a run is about that is not about everything is new.
    assert len(found(number_clash.rule, *chain, looked_at=[("shop", "0002_b")])) == 1


def test_clashes_that_are_no_use_to_know() -> None:
    chain = FIRST, at("0002_a", "0001_initial"), at("0002_b", "0002_a")
    assert found(number_clash.rule, *chain) == ()
    assert found(number_clash.rule, *chain, past=applied("0001_initial", "0002_a", "0002_b")) == ()
    assert found(number_clash.rule, *chain, looked_at=[("shop", "0002_a")]) == ()
    sides = FIRST, at("0002_a", "0001_initial"), at("0002_b", "0001_initial")
    merge = at("0003_merge", "0002_a", "0002_b")
    assert found(number_clash.rule, *sides, past=applied()) == ()
    assert found(number_clash.rule, *sides, merge, past=applied()) == ()
    squash = at("0001_squashed_0002_a", replaces=("0001_initial", "0002_a"))
    assert found(number_clash.rule, *sides[:2], squash, past=applied()) == ()


# Gaps


@pytest.mark.parametrize(("name", "missing"), [("0003_c", "0002"), ("0005_c", "0002 to 0004")])
def test_number_is_missing_before_a_new_migration(name: str, missing: str) -> None:
    (finding,) = found(number_gap.rule, FIRST, at(name, "0001_initial"), past=applied("0001_initial"))
    assert finding.message.endswith(f"no migration of shop has number {missing}")
    assert finding.severity is Severity.INFO
    assert "git log --all --stat -- 'shop/migrations/0002_*'" in finding.fix


@pytest.mark.parametrize(
    "migrations",
    [
        (FIRST, at("0002_b", "0001_initial")),
        (at("20240102_a"), at("20240301_b", "20240102_a")),
        (at("first"), at("0003_b", "first")),
        (FIRST, at("second", "0001_initial"), at("0004_c", "second")),
        (at("0001_squashed_0004_d", replaces=("0001_initial", "0004_d")), at("0005_e", "0001_squashed_0004_d")),
        (FIRST, at("0002_b", "0001_initial"), at("0003_c", "0001_initial"), at("0004_merge", "0002_b", "0003_c")),
        (at("0001_squashed", replaces=("0001_initial", "0002_b", "0003_c")), at("0004_d", "0001_squashed")),
    ],
)
def test_no_number_is_missing(migrations: tuple[Migration, ...]) -> None:
    assert found(number_gap.rule, *migrations, past=applied()) == ()


def test_what_is_applied_and_gone_is_not_told_twice() -> None:
    known = applied("0001_initial", "0002_gone")
    assert found(number_gap.rule, FIRST, at("0003_c", "0001_initial"), past=known) == ()
    known = applied("0001_initial", "0003_gone")
    (finding,) = found(number_gap.rule, FIRST, at("0005_e", "0001_initial"), past=known)
    assert finding.message.endswith("has number 0002 and 0004")
    (finding,) = found(number_gap.rule, FIRST, at("0020_z", "0001_initial"), past=known)
    assert finding.message.endswith("has number 0002, 0004, 0005, 0006, 0007, 0008, 0009, 0010 and 9 more")


def test_old_gaps_stay() -> None:
    chain = FIRST, at("0004_d", "0001_initial")
    assert found(number_gap.rule, *chain) == ()
    assert found(number_gap.rule, *chain, past=applied("0001_initial", "0004_d")) == ()
