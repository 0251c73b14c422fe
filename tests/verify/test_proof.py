"""Plans, carried out on a real server while code of both releases uses it; and what becomes of plans that are wrong."""

from collections.abc import Iterator

import pytest

from migsafe.model import LockMode
from migsafe.planning import Check, Deploy, Plan, Proof, WriteMigration
from migsafe.project.execute import Executor
from migsafe.project.graph import History
from migsafe.project.replay import Replay
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from migsafe.verify.proof import prove

ORDER = (
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("email", models.CharField(max_length=10)), ("discount", models.IntegerField(null=True))])'
)
SHOP = Scenario(ORDER)


def proven(server: Server, *change: str, rows: int = 200) -> Proof:
    proof = SHOP.plan(*change, verify=True, rows=rows, server=server).proof
    assert proof is not None
    return proof


def test_a_plan_in_three_deploys_holds(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.AlterField("order", "discount", models.IntegerField(default=0))')
    assert proof.holds, proof
    assert (proof.wrong_rows, proof.schema, proof.not_reversible, proof.unproven) == ((), (), (), ())
    assert [phase.deploy for phase in proof.phases] == [1, 1, 2, 2, 3, 3, 3, 2, 1]
    assert proof.phases[4].interrupted
    assert proof.rows_compared >= 200
    assert all(phase.stalls for phase in proof.phases)
    assert [phase.longest_read is None for phase in proof.phases] == ["rollout" in phase.name for phase in proof.phases]
    assert {one.release for one in proof.phases[1].stalls} == {"before", "deploy 1"}
    assert all(one.observed is not None for one in proof.phases[0].statements)
    assert {(one.release, one.error.partition(" of")[0]) for phase in proof.original for one in phase.errors} == {
        ("before", 'null value in column "discount"')
    }


def test_a_session_that_builds_an_index_online_is_ended_and_leaves_an_invalid_one(postgres: Server) -> None:
    """Without its DROP INDEX the migration could not be run again."""
    index = 'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email"))'
    proof = proven(postgres, index)
    assert proof.holds, proof
    assert proof.phases[0].interrupted == 3
    online = 'AddIndexConcurrently("order", models.Index(fields=["email"], name="order_email"))'
    careless = tried(postgres, index, [Migration(online, atomic=False)])
    assert 'relation "order_email" already exists' in str(careless.phases[0].failure)


@pytest.mark.slow
def test_a_backfill_is_killed_after_its_first_batch_and_half_way(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.AlterField("order", "discount", models.IntegerField(default=0))', rows=6000)
    assert proof.holds, proof
    [backfill] = [phase for phase in proof.phases if phase.name.endswith("backfill_order_discount")][:1]
    assert backfill.interrupted == 2


MEAN = Scenario(
    'migrations.CreateModel("Customer", [("id", models.UUIDField(primary_key=True)),'
    ' ("email", models.EmailField(unique=True))])',
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("customer", models.ForeignKey("shop.Customer", models.CASCADE)),'
    ' ("number", models.CharField(max_length=20, unique=True)), ("total", models.IntegerField(db_column="we ird"))],'
    ' options={"db_table": "My Orders", "constraints": ['
    'models.CheckConstraint(**{"check" if __import__("django").VERSION < (5, 1) else "condition": Q(total__gte=0)},'
    ' name="positive"), models.UniqueConstraint(fields=["customer", "number"], name="number")]})',
    'migrations.CreateModel("Profile", [("customer", models.OneToOneField("shop.Customer", models.CASCADE,'
    ' primary_key=True)), ("bio", models.BinaryField(null=True))])',
    'migrations.CreateModel("Line", [("id", models.AutoField(primary_key=True)),'
    ' ("order", models.ForeignKey("shop.Order", models.CASCADE)), ("slot", models.IntegerField())],'
    ' options={"unique_together": {("order", "slot")}})',
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        'migrations.AddField("profile", "level", models.IntegerField(default=3))',
        'migrations.AddField("line", "customer", models.ForeignKey("shop.Customer", models.CASCADE, null=True))',
        'migrations.AlterField("line", "id", models.BigAutoField(primary_key=True))',
        'migrations.RemoveField("order", "number")',
        'migrations.DeleteModel("Line")',
        'migrations.CreateModel("Note", [("order", models.ForeignKey("shop.Order", models.CASCADE)),'
        ' ("text", models.TextField(unique=True))])',
    ],
)
def test_constraints_and_names_of_all_kinds_are_no_error_of_code(postgres: Server, change: str) -> None:
    proof = MEAN.plan(change, verify=True, rows=100, server=postgres).proof
    assert proof is not None
    assert proof.holds, proof
    assert proof.rows_compared


def test_a_new_table_refers_to_rows_that_are_there_and_goes_again_while_code_deletes_those(postgres: Server) -> None:
    """To drop it takes locks in another order than to delete what it refers to: PostgreSQL would end one of the two."""
    proof = proven(
        postgres,
        'migrations.AddField("order", "parts", models.ManyToManyField("shop.Order", related_name="+"))',
        rows=20,
    )
    assert proof.holds, proof
    assert (proof.wrong_rows, proof.unproven) == ((), ())


def test_the_original_beside_it_breaks_code(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.AddField("order", "note", models.CharField(max_length=5, default="new"))')
    assert proof.holds, proof
    [applied, rollout] = proof.original
    assert {(one.release, one.action) for one in applied.errors} == {("before", "insert")}
    assert 'null value in column "note"' in rollout.errors[0].error


ADD = 'migrations.AddField("order", "note", models.CharField(max_length=5, default="new"))'
EMPTY = 'migrations.AddField("order", "note", models.CharField(max_length=5, null=True))'
NOT_NULL = 'migrations.AlterField("order", "note", models.CharField(max_length=5, default="new"))'
DROP = 'migrations.RemoveField("order", "email")'
BACKFILL = """migrations.RunSQL("UPDATE shop_order SET note = 'new' WHERE note IS NULL", migrations.RunSQL.noop)"""
COUNTED = Check(what="all have a note", sql="SELECT count(*) FROM shop_order WHERE note IS NULL", expected="0")

Steps = str | Migration | Check


def tried(server: Server, original: str, *deploys: list[Steps], rows: int = 100) -> Proof:
    """What becomes of a plan that a person has written."""
    with SHOP._project(SHOP.before, [Migration(original)], {}) as (project, _, keys, _):
        history = History(project)
        plan = Plan(
            targets=("shop.0002_change",), deploys=tuple(_deploys(deploys)), postgres=server.version, django="5.2"
        )
        migrations = list(Replay(project, history, server.version, wanted=keys[1:]))
        with Executor(project, history, postgres=server.version) as executor:
            return prove(plan, history, migrations, server, executor, rows=rows)


def _deploys(deploys: tuple[list[Steps], ...]) -> Iterator[Deploy]:
    last, number = ("shop", "0001_initial"), 2
    for deploy, steps in enumerate(deploys, 1):
        made: list[WriteMigration | Check] = []
        for step in steps:
            if isinstance(step, Check):
                made.append(step)
                continue
            migration = step if isinstance(step, Migration) else Migration(step)
            name = f"{number:04}_step"
            made.append(
                WriteMigration(
                    app="shop", name=name, path=f"{name}.py", source=migration.source([last]), why="", undo=""
                )
            )
            last, number = ("shop", name), number + 1
        yield Deploy(number=deploy, kinds=("expand",), steps=tuple(made))


def test_a_plan_that_a_person_has_written_holds_as_well(postgres: Server) -> None:
    proof = tried(postgres, ADD, [EMPTY], [BACKFILL, COUNTED], [NOT_NULL])
    assert proof.holds, proof


def test_rows_that_a_backfill_has_missed_are_wrong(postgres: Server) -> None:
    missing = BACKFILL.replace("WHERE", "WHERE id % 10 > 0 AND")
    proof = tried(postgres, ADD, [EMPTY], [missing, COUNTED])
    assert not proof.holds
    assert "all have a note: SELECT count(*)" in str(proof.phases[3].failure)


def test_values_that_are_others_in_every_run_are_not_wrong_where_there_was_none(postgres: Server) -> None:
    now = 'models.DateTimeField(default=__import__("django").utils.timezone.now)'
    once = f'migrations.AddField("order", "made", {now}, preserve_default=False)'
    proof = proven(postgres, once, 'migrations.RenameField("order", "made", "since")', rows=20)
    assert (proof.finished, proof.wrong_rows) == (True, ()), proof
    any_number = 'models.IntegerField(default=lambda: __import__("random").randrange(10**6))'
    careless = "migrations.RunSQL('UPDATE shop_order SET discount = 7', migrations.RunSQL.noop)"
    alter = f'migrations.AlterField("order", "discount", {any_number})'
    [wrong] = tried(postgres, alter, [careless, alter], rows=20).wrong_rows
    assert wrong.column == "discount"
    assert not any("NULL" in example for example in wrong.examples)


def test_rows_with_another_value_are_wrong(postgres: Server) -> None:
    proof = tried(postgres, ADD, [EMPTY], [BACKFILL.replace("'new'", "'old'")], [NOT_NULL])
    [wrong] = proof.wrong_rows
    assert (wrong.table, wrong.column) == ("shop_order", "note")
    assert wrong.count > 50
    assert "'old' instead of 'new'" in wrong.examples[0]
    assert (proof.schema, [phase.errors for phase in proof.phases if phase.errors]) == ((), [])


def test_not_null_before_code_writes_the_column_is_an_error_of_code(postgres: Server) -> None:
    proof = tried(postgres, ADD, [Migration(EMPTY, BACKFILL, NOT_NULL)])
    errors = {(error.release, error.action) for phase in proof.phases for error in phase.errors}
    assert errors == {("before", "insert")}
    assert not proof.holds


def test_a_column_that_goes_before_its_code_is_an_error_of_code(postgres: Server) -> None:
    proof = tried(postgres, DROP, [DROP])
    errors = {(error.release, error.action) for phase in proof.phases for error in phase.errors}
    assert errors == {("before", action) for action in ("select", "insert", "update")}
    assert not proof.holds


def test_a_lock_that_is_held_too_long_is_a_stall(postgres: Server) -> None:
    slow = Migration(EMPTY, 'migrations.RunSQL("SELECT pg_sleep(0.7)", migrations.RunSQL.noop)')
    proof = tried(postgres, ADD, [slow], [BACKFILL], [NOT_NULL])
    assert {(one.release, one.kind, one.lock) for one in proof.stalled} == {
        ("before", "reads", LockMode.ACCESS_EXCLUSIVE),
        ("before", "writes", LockMode.ACCESS_EXCLUSIVE),
    }
    assert all("ADD COLUMN" in str(one.sql) for one in proof.stalled)
    assert not proof.holds


def test_another_schema_at_the_end_is_told(postgres: Server) -> None:
    proof = tried(postgres, ADD, [EMPTY], [BACKFILL])
    assert proof.schema == ("column shop_order.note is character varying(5), not character varying(5) NOT NULL",)
    assert not proof.holds


def test_a_deploy_that_cannot_be_taken_back_is_told(postgres: Server) -> None:
    proof = tried(postgres, ADD, [EMPTY], [BACKFILL.replace(", migrations.RunSQL.noop", "")], [NOT_NULL])
    assert proof.not_reversible == ("deploy 2: shop.0003_step: IrreversibleError: RunSQL is not reversible",)


def test_what_cannot_be_run_again_after_it_was_stopped_fails(postgres: Server) -> None:
    two = 'migrations.RunSQL(["CREATE INDEX CONCURRENTLY a ON shop_order (id)", "DROP INDEX CONCURRENTLY a"])'
    proof = tried(postgres, ADD, [Migration(two, atomic=False), ADD])
    assert 'relation "a" already exists' in str(proof.phases[0].failure)
    assert proof.phases[0].interrupted == 1


def test_a_plan_that_django_cannot_follow_is_not_proven_with_the_reason(postgres: Server) -> None:
    odd = 'type("Odd", (migrations.RunSQL,), {"state_forwards": lambda *_: {}["nothing"]})("SELECT 1")'
    proof = tried(postgres, ADD, [odd], rows=20)
    assert not proof.holds
    [reason] = proof.unproven
    assert reason.startswith("the proof could not go on: ")
    assert "nothing" in reason


def test_rows_that_are_deleted_by_what_code_writes_are_not_compared_and_that_is_told(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.RunSQL("DELETE FROM shop_order WHERE discount > 0", migrations.RunSQL.noop)')
    assert proof.finished
    assert proof.wrong_rows == ()
    [told] = proof.unproven
    assert "rows of shop_order are not compared: code has written them, and the change deletes rows" in told


def test_code_that_refers_to_what_was_dropped_is_refused_on_the_way_back_and_that_is_told(postgres: Server) -> None:
    line = (
        'migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True)),'
        ' ("order", models.ForeignKey("shop.Order", models.CASCADE, null=True))])'
    )
    change = ('migrations.RemoveField("line", "order")', 'migrations.DeleteModel("Order")')
    proof = Scenario(ORDER, line).plan(*change, verify=True, rows=60, server=postgres).proof
    assert proof is not None
    assert [phase.errors for phase in proof.phases if phase.errors] == []
    assert proof.not_reversible == ()
    assert all("a table that was dropped is there again, but empty" in told for told in proof.unproven)
    assert proof.unproven
