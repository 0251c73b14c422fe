"""What markers of syzygy and safemigrate change: MS721, MS722, and rules about code that runs beside a migration."""

from collections.abc import Collection

import pytest

from migsafe.applied import Key, Past
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import stages_out_of_order
from migsafe.testing import Migration
from tests.rules.columns import shop
from tests.rules.history import found

MARKERS = """
from enum import Enum


class Stage(Enum):
    PRE_DEPLOY = "pre_deploy"
    POST_DEPLOY = "post_deployment"


class Safe(Enum):
    always = "always"
    before_deploy = "before_deploy"
    after_deploy = "after_deploy"
"""
BEFORE = ("stage = Stage.PRE_DEPLOY", "safe = Safe.before_deploy")
AFTER = ("stage = Stage.POST_DEPLOY", "safe = Safe.after_deploy")
WITHOUT = ("", *BEFORE, "safe = Safe.always")


def marked(marker: str, *operations: str, code: str = "") -> Migration:
    return Migration(*operations, code=MARKERS + code, attributes=marker)


def check(marker: str, *operations: str) -> tuple[Finding, ...]:
    findings = shop.check(marked(marker, *operations))
    return tuple(one for one in findings if one.axis is Axis.COMPATIBILITY)


def codes(marker: str, *operations: str) -> list[str]:
    return [one.code for one in check(marker, *operations)]


def sql(text: str) -> str:
    return f'migrations.RunSQL("{text}", migrations.RunSQL.noop)'


def state(operation: str, *database: str) -> str:
    return (
        f"migrations.SeparateDatabaseAndState(state_operations=[{operation}],"
        f" database_operations=[{', '.join(map(sql, database))}])"
    )


REMOVE = 'migrations.RemoveField("order", "status")'
DROP = "ALTER TABLE shop_order DROP COLUMN status"


@pytest.mark.parametrize("marker", WITHOUT)
def test_what_runs_before_the_deploy_breaks_old_code(marker: str) -> None:
    assert codes(marker, REMOVE) == ["MS103"]
    assert codes(marker, 'migrations.DeleteModel("Order")') == ["MS401"]
    assert codes(marker, 'migrations.AddField("order", "x", models.IntegerField(default=1))') == ["MS101"]
    assert codes(marker, 'migrations.AddField("order", "x", models.IntegerField(null=True))') == []
    assert codes(marker, 'migrations.RenameField("order", "status", "state")') == ["MS104"]
    assert codes(marker, 'migrations.RenameModel("Order", "Sale")') == ["MS402"]


@pytest.mark.parametrize("marker", AFTER)
def test_what_runs_after_the_deploy_breaks_no_old_code(marker: str) -> None:
    assert codes(marker, REMOVE) == []
    assert codes(marker, 'migrations.DeleteModel("Order")') == []
    assert codes(marker, state(REMOVE, DROP)) == []
    assert codes(marker, sql("ALTER TABLE shop_order ALTER COLUMN source DROP DEFAULT")) == [
        "MS117"
    ]  # models still count on it
    plain = 'migrations.AlterField("order", "source", models.CharField(max_length=10, default="web"))'
    assert codes(marker, plain) == []
    assert codes(BEFORE[0], plain) == ["MS117"]


@pytest.mark.parametrize("marker", AFTER)
def test_what_the_models_still_have_cannot_be_dropped_after_the_deploy_either(marker: str) -> None:
    assert codes(marker, sql(DROP)) == ["MS103"]
    assert codes(marker, sql("DROP TABLE shop_order CASCADE")) == ["MS401"]
    assert codes(marker, sql("ALTER TABLE shop_order RENAME COLUMN status TO state")) == ["MS104"]
    assert codes(marker, sql("ALTER TABLE shop_order RENAME TO shop_sale")) == ["MS402"]


@pytest.mark.parametrize("marker", AFTER)
def test_new_code_cannot_insert_until_a_required_column_is_gone(marker: str) -> None:
    (finding,) = check(marker, 'migrations.RemoveField("order", "number")')
    assert finding.code == "MS116"
    assert finding.why.endswith("ends in an error, until this migration has run.")
    assert "in a migration that runs before the deploy" in finding.fix
    relax = sql("ALTER TABLE shop_order ALTER COLUMN number DROP NOT NULL")
    change = marked(BEFORE[0], relax), marked(marker, 'migrations.RemoveField("order", "number")')
    assert shop.check(*change, together=True) == ()


@pytest.mark.parametrize("marker", AFTER)
@pytest.mark.parametrize(
    ("operation", "severity", "said"),
    [
        ('AddField("order", "x", models.TextField(null=True))', "error", "adds column x to shop_order"),
        (
            'AddField("order", "tags", models.ManyToManyField("shop.Customer"))',
            "warning",
            "makes table shop_order_tags",
        ),
        ('CreateModel("Gift", [("id", models.BigAutoField(primary_key=True))])', "warning", "makes table shop_gift"),
        ('RenameField("order", "status", "state")', "error", "gives column status of shop_order the name state"),
        ('RenameModel("Order", "Sale")', "error", "gives table shop_order the name shop_sale"),
        (
            'AlterField("order", "status", models.IntegerField(null=True))',
            "error",
            "makes integer of status in shop_order",
        ),
    ],
)
def test_the_deployed_code_misses_what_is_made_after_it(marker: str, operation: str, severity: str, said: str) -> None:
    (finding,) = check(marker, f"migrations.{operation}")
    assert (finding.code, finding.severity) == ("MS722", Severity(severity))
    assert finding.message.startswith(f"Runs after the deploy, but {said}")


@pytest.mark.parametrize("marker", AFTER)
def test_the_deployed_code_does_not_miss_what_its_models_do_not_have(marker: str) -> None:
    assert codes(marker, sql("ALTER TABLE shop_order ADD COLUMN x text")) == []
    assert codes(marker, sql("CREATE TABLE log (id bigint)")) == []
    assert codes(marker, 'migrations.AlterField("order", "note", models.TextField(default="-"))') == []
    column = 'migrations.AddField("gift", "x", models.TextField(null=True))'
    create = 'migrations.CreateModel("Gift", [("id", models.BigAutoField(primary_key=True))])'
    assert codes(marker, create, column) == ["MS722"]  # the table


def test_what_the_change_has_made_before_the_deploy_is_in_use_after_it() -> None:
    create = (
        'migrations.CreateModel("Gift", [("id", models.BigAutoField(primary_key=True)), ("x", models.TextField())])'
    )
    index = 'migrations.AddIndex("gift", models.Index(fields=["x"], name="gift_x"))'

    def together(first: str, second: str) -> list[str]:
        found = shop.check(marked(first, create), marked(second, index), together=True)
        return [one.code for one in found]

    assert together(BEFORE[0], BEFORE[0]) == []
    assert together(BEFORE[0], AFTER[0]) == ["MS201"]
    assert together(AFTER[0], AFTER[0]) == ["MS722"]


def test_a_drop_before_the_deploy_may_just_be_too_early() -> None:
    for operation in (REMOVE, 'migrations.DeleteModel("Order")'):
        (unmarked,), (early,) = check("", operation), check(BEFORE[1], operation)
        assert "Safe.after_deploy()" in early.fix
        assert early.fix.endswith(unmarked.fix)


# MS721

CREATE = Migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')


def order(
    *markers: str, past: Past | None = None, looked_at: Collection[Key] | None = None
) -> list[tuple[str | None, str]]:
    """Names and messages of what is found in a chain of migrations after the first, each with a marker."""
    migrations = (CREATE, *(marked(marker) for marker in markers))
    found_here = found(stages_out_of_order.rule, *migrations, past=past or applied("0001_initial"), looked_at=looked_at)
    return [(one.migration, one.message) for one in found_here]


def applied(*names: str) -> Past:
    return Past(ref="origin/main", applied={("shop", name): {"git": None} for name in names})


@pytest.mark.parametrize(("before", "after"), list(zip(BEFORE, AFTER, strict=True)))
def test_before_cannot_come_after(before: str, after: str) -> None:
    said = "Runs before the deploy, but depends on shop.0002_change, which runs after it"
    assert order(after, before) == [("0003_change", said)]
    assert order(after, "", before) == [("0004_change", said)]
    assert order(before, after) == order(after, "") == order(after, after) == order(before, before) == []
    assert order(after, "safe = Safe.always") == []  # it waits too


def test_what_is_applied_has_been_deployed() -> None:
    after, before = AFTER[0], BEFORE[0]
    assert order(after, before, past=applied("0001_initial", "0002_change")) == []
    assert order(after, before, past=applied("0001_initial", "0002_change", "0003_change")) == []
    # Nobody was asked: only what a run about some of them is about is new.
    keys = [("shop", "0003_change"), ("shop", "0004_change")]
    assert order("", after, before, past=Past()) == []
    assert order("", after, before, past=Past(), looked_at=keys[1:]) == []
    assert len(order("", after, before, past=Past(), looked_at=keys)) == 1
    change = marked(after), marked(before)
    assert found(stages_out_of_order.rule, CREATE, *change) == ()
    assert len(found(stages_out_of_order.rule, CREATE, *change, together=True)) == 1
