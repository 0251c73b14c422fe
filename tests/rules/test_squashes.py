"""MS712, MS713, MS714: what can become of a squash and of what it replaces."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from migsafe.applied import Key, Past, Source
from migsafe.model import Finding, Severity
from migsafe.rules import Rule, half_applied_squash, replaces_missing, squash_finished
from migsafe.testing import Migration
from tests.rules.history import found, with_database

ONE, TWO, THREE = "0001_initial", "0002_b", "0003_c"
SQUASH = "0001_squashed_0003_c"


def at(name: str, *after: str, replaces: Sequence[str] = ()) -> Migration:
    attributes = f"replaces = {[('shop', one) for one in replaces]!r}" if replaces else ""
    return Migration(name=name, dependencies=[("shop", one) for one in after], attributes=attributes)


ORIGINALS = at(ONE), at(TWO, ONE), at(THREE, TWO)
SQUASHED = at(SQUASH, replaces=(ONE, TWO, THREE))
NEXT = at("0004_d", SQUASH)
NEXT_NAMES_REPLACED = at("0004_d", THREE)


def past(*names: str, source: Source = "database", **other: Sequence[str]) -> Past:
    applied: dict[Key, dict[Source, datetime | None]] = {("shop", name): {source: None} for name in names}
    named = {"git": {"ref": "main"}, "ledger": {"ledger": "migsafe.lock"}, "database": {"database": "default"}}
    return Past(applied=applied, **named[source])  # type: ignore[arg-type]


def one(rule: Rule, *migrations: Migration, past: Past) -> Finding:
    (finding,) = found(rule, *migrations, past=past)
    return finding


# MS712


@pytest.mark.parametrize("source", ["git", "ledger", "database"])
def test_squash_is_finished_when_it_is_applied_everywhere(source: Source) -> None:
    known = past(SQUASH, ONE, TWO, THREE, source=source)
    finding = one(squash_finished.rule, *ORIGINALS, SQUASHED, NEXT_NAMES_REPLACED, past=known)
    assert finding.severity is Severity.INFO
    assert "git rm shop/migrations/0001_initial.py shop/migrations/0002_b.py shop/migrations/0003_c.py" in finding.fix
    assert 'depend on `("shop", "0001_squashed_0003_c")` instead: shop/migrations/0004_d.py.' in finding.fix
    assert ("When every database has recorded it" in finding.fix) is (source != "database")
    assert "migrate shop --prune" in finding.fix


def test_squash_is_not_finished_while_somebody_needs_what_it_replaces() -> None:
    for known in (Past(), past(), past(ONE, TWO, THREE), past(SQUASH, ONE, TWO)):
        assert found(squash_finished.rule, *ORIGINALS, SQUASHED, past=known) == ()
    assert found(squash_finished.rule, SQUASHED, NEXT, past=past(SQUASH, ONE, TWO, THREE)) == ()
    other = found(squash_finished.rule, *ORIGINALS, SQUASHED, past=past(SQUASH, source="git"), looked_at=())
    assert other == ()


def test_replaces_stays_until_the_squash_is_recorded() -> None:
    applied: dict[Key, dict[Source, datetime | None]] = {
        **{("shop", name): {"database": None, "git": None} for name in (ONE, TWO, THREE)},
        ("shop", SQUASH): {"git": None},
    }
    known = Past(database="default", ref="main", applied=applied)
    finding = one(squash_finished.rule, *ORIGINALS, SQUASHED, past=known)
    assert "Run `migrate`, which records it" in finding.fix


# MS713


def test_half_applied_with_all_files_is_django_s_to_finish() -> None:
    finding = one(half_applied_squash.rule, *ORIGINALS, SQUASHED, NEXT, past=past(ONE, TWO))
    assert finding.severity is Severity.INFO
    assert "2 of the 3 migrations that it replaces (shop.0003_c missing)" in finding.message


def test_half_applied_and_the_files_gone_is_lost_without_an_error() -> None:
    finding = one(half_applied_squash.rule, SQUASHED, NEXT, past=past(ONE, TWO))
    assert finding.severity is Severity.ERROR
    assert "never does what shop.0003_c did" in finding.why
    assert "Bring the files back" in finding.fix


def test_half_applied_fails_where_a_migration_names_one_that_is_gone() -> None:
    finding = one(half_applied_squash.rule, SQUASHED, NEXT_NAMES_REPLACED, past=past(ONE, TWO, source="ledger"))
    assert "NodeNotFoundError: shop.0004_d depends on shop.0003_c" in finding.why
    finding = one(half_applied_squash.rule, at(THREE, TWO), SQUASHED, past=past(ONE, TWO))
    assert "NodeNotFoundError: shop.0003_c depends on shop.0002_b" in finding.why


def test_squash_recorded_without_what_it_replaces() -> None:
    finding = one(half_applied_squash.rule, *ORIGINALS, SQUASHED, past=past(SQUASH, ONE, THREE))
    assert finding.severity is Severity.ERROR
    assert "('shop', '0002_b', now())" in finding.fix
    # Nobody else than a database has rows for what a squash stands for.
    assert found(half_applied_squash.rule, SQUASHED, past=past(SQUASH, source="git")) == ()


def test_all_or_nothing_applied_is_quiet() -> None:
    for known in (Past(), past(), past(ONE, TWO, THREE), past(SQUASH, ONE, TWO, THREE)):
        assert found(half_applied_squash.rule, *ORIGINALS, SQUASHED, past=known) == ()
        assert found(half_applied_squash.rule, SQUASHED, past=known) == ()


LATER = *ORIGINALS, SQUASHED, NEXT
ALL = (ONE, TWO, THREE)


@pytest.mark.parametrize(
    ("migrations", "rows", "does"),
    [
        (LATER, (ONE, TWO), [THREE, "0004_d"]),
        ((SQUASHED, NEXT), (ONE, TWO), ["0004_d"]),
        ((SQUASHED,), (ONE, TWO), []),
        ((SQUASHED, NEXT_NAMES_REPLACED), (ONE, TWO), "NodeNotFoundError"),
        ((at(THREE, TWO), SQUASHED), (ONE, TWO), "NodeNotFoundError"),
        (LATER, (SQUASH, ONE, THREE), "InconsistentMigrationHistory"),
        (LATER, (SQUASH,), [SQUASH, "0004_d"]),
        ((SQUASHED, NEXT), (SQUASH, ONE, THREE), ["0004_d"]),
        ((SQUASHED, NEXT), ALL, ["0004_d"]),
        ((at(SQUASH), NEXT), ALL, [SQUASH, "0004_d"]),
        ((at(SQUASH), NEXT), (SQUASH, *ALL), ["0004_d"]),
        ((*ORIGINALS, at(SQUASH, replaces=(*ALL, "0003_cc")), NEXT), ALL, ["0004_d"]),
    ],
)
def test_what_the_rules_say_is_what_django_does(
    migrations: Sequence[Migration], rows: Sequence[str], does: list[str] | str
) -> None:
    """What ``migrate`` does where the database has some rows: the migrations that it applies, or its error."""
    with with_database(migrations) as project:
        connection = project.connection
        for name in rows:
            MigrationRecorder(connection).record_applied("shop", name)
        try:
            executor = MigrationExecutor(connection)
            executor.loader.check_consistent_history(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            done: list[str] | str = [migration.name for migration, _ in plan]
        except (NodeNotFoundError, InconsistentMigrationHistory) as error:
            done = type(error).__name__
    assert done == does


# MS714


def test_replaces_of_a_migration_that_never_was() -> None:
    typo = at(SQUASH, replaces=(ONE, TWO, "0003_cc"))
    finding = one(replaces_missing.rule, *ORIGINALS, typo, past=Past())
    assert finding.message == "0001_squashed_0003_c replaces shop.0003_cc, of which there is no file"
    assert finding.severity is Severity.WARNING
    assert '("shop", "0003_c")' in finding.fix
    assert found(half_applied_squash.rule, *ORIGINALS, typo, past=past(ONE, TWO, THREE)) == ()


def test_replaces_of_which_only_some_files_are_gone() -> None:
    finding = one(replaces_missing.rule, ORIGINALS[0], SQUASHED, NEXT, past=Past())
    assert finding.severity is Severity.INFO
    assert finding.message.endswith("replaces shop.0002_b and shop.0003_c, of which there is no file")
    assert "git rm shop/migrations/0001_initial.py" in finding.fix


def test_replaces_of_migrations_that_have_gone_is_how_a_squash_ends() -> None:
    assert found(replaces_missing.rule, SQUASHED, NEXT) == ()
    assert found(replaces_missing.rule, *ORIGINALS[:2], SQUASHED, past=past(ONE, TWO, THREE)) == ()
    assert found(replaces_missing.rule, *ORIGINALS[:2], SQUASHED, looked_at=[("shop", ONE)]) == ()
