"""What a rule can be told beside single actions: whole migrations, and the end of the history."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from migsafe.actions import AddConstraint, Insert, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, MigrationContext, Pending, Rule
from migsafe.sql.catalog import Catalog
from tests.rules.harness import Migrations, Op


def rule(message: str) -> Rule:
    return Rule(__name__, code="MS999", severity=Severity.INFO, axis=Axis.LOCKS, message=message, why="Why.")


def test_a_whole_migration_is_checked_with_all_that_it_executes(tmp_path: Path) -> None:
    whole = rule("{inserts} inserts")

    @whole.on_migration
    def check(context: MigrationContext) -> Iterator[Finding]:
        inserts = [one for one in context.executed if isinstance(one.step.action, Insert)]
        yield whole.finding(context, inserts=str(len(inserts)), fix="Fix.")
        last = context.action_context(inserts[-1])
        yield whole.finding(last, relation=Name("order"), inserts="last of the", fix="Fix.")
        yield whole.finding(context.operation_context(context.migration.operations[0]), inserts="no", fix="Fix.")

    insert = Op("RunSQL", "INSERT INTO customer VALUES (1); INSERT INTO \"order\" VALUES (1, 'a')")
    found = Migrations(tmp_path, rules=(whole,)).check(Op("RunPython", code="print()"), insert)
    assert [(one.message, one.operation, one.statement, one.line, one.relation) for one in found] == [
        ("2 inserts", None, None, None, None),
        ("no inserts", 0, None, 1, None),
        ("last of the inserts", 1, 1, None, "order"),
    ]
    assert len({one.fingerprint for one in found}) == 3


def test_the_end_of_the_history_decides_what_is_pending(tmp_path: Path) -> None:
    late = rule("{relation} is never checked")

    @late.on(AddConstraint)
    def gather(action: AddConstraint, context: Context) -> Iterator[Pending]:
        yield Pending(late.finding(context, relation=action.relation, fix="Fix."), action.constraint.name)

    @late.on_end
    def check(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
        valid = {name for table in end().tables.values() for name, one in table.constraints.items() if one.valid}
        yield from (one.finding for one in pending if one.about not in valid)

    migrations = Migrations(tmp_path, rules=(late,))
    for table, name in (("order", "a"), ("customer", "b")):
        add = f'ALTER TABLE "{table}" ADD CONSTRAINT {name} CHECK (id > 0) NOT VALID'
        assert migrations.check(Op("RunSQL", add)) == ()
    migrations.check(Op("RunSQL", 'ALTER TABLE "order" VALIDATE CONSTRAINT a'))
    assert [one.message for one in migrations.end()] == ["customer is never checked"]
