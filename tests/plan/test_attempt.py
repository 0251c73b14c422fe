"""Plans are tried before anybody sees them: what would be wrong is refused, with the reason."""

import pytest

from migsafe.api import plan_project
from migsafe.plan import planner
from migsafe.plan.recipe import Duty, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.planning import ChangeCode, Check, PlanReport
from migsafe.rules import choose_rules
from migsafe.testing import Migration, Scenario

ORDER = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("email", models.CharField(max_length=10))])'
MODELS = """
from django.db import models


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    email = models.CharField(max_length=10)
    number = models.CharField(max_length=20, default="")  # as printed

    class Meta:
        indexes = [models.Index(fields=["email"], name="email_idx")]
"""
INDEX = 'migrations.AddIndex("order", models.Index(fields=["email"], name="email_idx"))'
NUMBER = 'migrations.AddField("order", "number", models.CharField(max_length=20, default=""))'


def shop(**files: str) -> Scenario:
    return Scenario(ORDER, files={"shop/models.py": MODELS, **files})


def use(monkeypatch: pytest.MonkeyPatch, *stages: Stage, kind: str = "AddIndex") -> None:
    """Let a recipe with these stages be the only one."""
    recipe = Recipe("migsafe.plan.recipes", kinds=(kind,))

    @recipe.way
    def plan(work: Work) -> Planned:
        return Way(stages=stages)

    monkeypatch.setattr(planner, "all_recipes", lambda: (recipe,))


def piece(*operations: str, atomic: bool = True, imports: tuple[str, ...] = ()) -> Piece:
    return Piece(operations=operations, name="step", why="It is a step.", atomic=atomic, imports=imports)


def refused(report: PlanReport) -> str:
    """Why the plan is not the recipe's."""
    (unsolved,) = report.plan.unsolved
    (deploy,) = report.plan.deploys
    assert [step.original for step in deploy.migrations] == [True]
    return unsolved.why


def test_what_ends_in_another_schema_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = INDEX.replace("migrations.AddIndex", "AddIndexConcurrently").replace("email_idx", "other_idx")
    use(monkeypatch, Stage(kind="expand", pieces=(piece(other, atomic=False),)))
    why = refused(shop().plan(INDEX))
    assert why.startswith("the plan would not be right: model shop.order: email_idx in indexes should be models.Index(")
    assert "index email_idx: nothing instead of" in why


def test_refusal_names_migrations_that_later_deploys_would_come_after() -> None:
    """The default that the plan takes away in its second deploy is one that the next migration has changed."""
    scenario = Scenario("""migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])""")
    add = Migration("""migrations.AddField("order", "paid", models.BooleanField(default=False))""")
    alter = Migration(
        """migrations.AlterField("order", "paid", models.BooleanField(default=True))""", name="0003_true", app="shop"
    )
    with scenario._project((*scenario.before, add), (alter,), {}) as (project, config, keys, root):
        report = plan_project(project, config, rules=choose_rules(config), changed=keys[1:2], below=root)
    why = refused(report)
    assert why.startswith(
        "the plan would not be right (its later deploys would come after shop.0003_true): model shop.o"
    )


def test_what_ends_in_other_models_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = 'migrations.RunSQL(["CREATE INDEX CONCURRENTLY email_idx ON shop_order (email)"], migrations.RunSQL.noop)'
    use(monkeypatch, Stage(kind="expand", pieces=(piece(sql, atomic=False),)))
    why = refused(shop().plan(INDEX))
    assert "model shop.order: email_idx in indexes should be models.Index(" in why
    assert "index email_idx" not in why


def test_what_is_dangerous_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Stage(kind="expand", pieces=(piece(INDEX),)))
    assert "MS201 Building index email_idx holds SHARE on shop_order" in refused(shop().plan(INDEX))


def test_what_cannot_be_loaded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Stage(kind="expand", pieces=(piece("migrations.NoSuchOperation()"),)))
    assert "NoSuchOperation" in refused(shop().plan(INDEX))


def test_what_is_safe_stays_as_it_is() -> None:
    report = shop().plan('migrations.AddField("order", "note", models.TextField(null=True))')
    (deploy,) = report.plan.deploys
    assert (report.plan.unsolved, [step.name for step in deploy.migrations]) == ((), ["0002_change"])
    assert [one.sql for one in deploy.migrations[0].statements] == [
        'ALTER TABLE "shop_order" ADD COLUMN "note" text NULL'
    ]


def test_others_that_depend_on_an_original_come_after_the_plan() -> None:
    later = Migration('migrations.AddField("order", "note", models.TextField(null=True))', app="shop", name="0003_note")
    scenario = shop()
    with scenario._project(scenario.before, (Migration(INDEX, name="0002_index"), later), {}) as (
        project,
        config,
        keys,
        root,
    ):
        report = plan_project(project, config, rules=choose_rules(config), changed=keys[1:2], below=root)
    assert report.plan.unsolved == ()
    assert [step.name for deploy in report.plan.deploys for step in deploy.migrations] == ["0002_email_idx"]


def test_models_change_from_release_to_release(monkeypatch: pytest.MonkeyPatch) -> None:
    nullable = NUMBER.replace('default=""', 'default="", null=True')
    fill = "migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)"
    last = NUMBER.replace("AddField", "AlterField")
    use(
        monkeypatch,
        Stage(
            kind="expand",
            pieces=(piece(nullable),),
            duties=(Duty(model="shop.order", field="number", must="write it", writes=True),),
        ),
        Stage(
            kind="backfill", pieces=(piece(fill),), then=(Check(what="all are filled", sql="SELECT 0", expected="0"),)
        ),
        Stage(kind="contract", pieces=(piece(last),)),
        kind="AddField",
    )
    # The last step is dangerous, which the other rules would say.
    report = shop().plan(NUMBER, INDEX, rules=[rule for rule in choose_rules() if rule.code == "MS101"])
    first, second, third = report.plan.deploys
    (change,) = [step for step in first.steps if isinstance(step, ChangeCode)]
    assert (change.path, change.line, change.name, change.must) == ("shop/models.py", 8, "Order.number", "write it")
    assert change.before == '    number = models.CharField(max_length=20, default="")  # as printed'
    assert change.after == '    number = models.CharField(max_length=20, default="", null=True)  # as printed'
    assert [step for step in second.steps if isinstance(step, ChangeCode)] == []
    (back,) = [step for step in third.steps if isinstance(step, ChangeCode)]
    assert (back.before, back.after) == (change.after, change.before)
    assert [check.what for check in first.checks] == ["every process runs the new release"]
    assert [check.what for check in second.checks] == ["every process runs the new release", "all are filled"]
    assert third.checks == ()
    assert "migrate shop 0001_initial" in first.undo


def test_what_cannot_be_analysed_is_left_to_people() -> None:
    why = refused(shop().plan('migrations.RenameIndex("order", old_fields=("id", "email"), new_name="other_idx")'))
    assert why.startswith("what it does is not known: ValueError: Found wrong number (0) of indexes for shop_order")


ASKS = """
class Asks(migrations.operations.base.Operation):
    reversible = True

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        raise NotImplementedError("it asks the database")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        pass
"""


@pytest.mark.parametrize("unknown", ["Asks()", 'migrations.RunSQL("SELECT nonsense FRM x", "SELECT 1")'])
def test_what_is_not_known_stays_as_it_is_among_what_is_planned(unknown: str) -> None:
    scenario = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
    index = 'migrations.AddIndex("order", models.Index(fields=["-id"], name="order_id_idx"))'
    report = scenario.plan(index, unknown, code=ASKS)
    (unsolved,) = report.plan.unsolved
    assert unsolved.operation == 1
    built, kept = (step for deploy in report.plan.deploys for step in deploy.migrations)
    assert "AddIndexConcurrently" in built.source
    assert unknown in kept.source


@pytest.mark.parametrize(
    ("operations", "function", "why"),
    [
        ("*made", "fill", "the operations in 0002_change.py are not written out"),
        ("made[0]", "lambda apps, schema_editor: None", "cannot be written into another file: code makes it"),
    ],
)
def test_operations_that_code_makes_are_not_split(operations: str, function: str, why: str) -> None:
    code = f"""
def fill(apps, schema_editor):
    for order in apps.get_model("shop", "Order").objects.all():
        order.save()


made = [migrations.RunPython({function}, migrations.RunPython.noop)]
"""
    (deploy,) = (plan := shop().plan(Migration(operations, INDEX, code=code)).plan).deploys
    assert [step.original for step in deploy.migrations] == [True]
    assert {why in one.why for one in plan.unsolved} == {True}
    assert {one.instead[:12] for one in plan.unsolved} == {"Write it out"}


def test_an_index_on_a_column_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema at the end says so only if the columns have to be the same."""
    sql = 'migrations.RunSQL("CREATE INDEX CONCURRENTLY email_idx ON shop_order (mail)", migrations.RunSQL.noop)'
    state = f"migrations.SeparateDatabaseAndState(database_operations=[{sql}], state_operations=[{INDEX}])"
    use(monkeypatch, Stage(kind="expand", pieces=(piece(state, atomic=False),)))
    assert "index email_idx is on mail, which shop_order does not have" in refused(shop().plan(INDEX))
