"""MS708: what the sides of a conflict have to do with each other, and how it is resolved."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from migsafe.applied import Past
from migsafe.model import Finding
from migsafe.project.graph import History
from migsafe.rules import several_leaf_nodes
from migsafe.testing import Migration
from tests.rules.history import found, with_database

BASE = Migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("note", models.CharField(max_length=20))])',
    'migrations.CreateModel("Item", [("id", models.BigAutoField(primary_key=True))])',
    name="0001_initial",
)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def side(name: str, *operations: str, after: str = "0001_initial", code: str = "") -> Migration:
    return Migration(*operations, name=name, dependencies=[("shop", after)], code=code)


def conflict(*migrations: Migration, past: Past | None = None) -> Finding:
    (finding,) = found(several_leaf_nodes.rule, BASE, *migrations, past=past)
    return finding


def common(one: str, other: str, code: str = "") -> str:
    """What the finding says that two operations have to do with each other."""
    return conflict(side("0002_a", one), side("0002_b", other, code=code)).message.partition("which ")[2]


def test_one_leaf_node_is_no_conflict() -> None:
    assert found(several_leaf_nodes.rule, BASE, side("0002_a"), side("0003_b", after="0002_a")) == ()
    merge = Migration(name="0003_merge", dependencies=[("shop", "0002_a"), ("shop", "0002_b")])
    assert found(several_leaf_nodes.rule, BASE, side("0002_a"), side("0002_b"), merge) == ()


def test_conflicts_of_other_apps_are_theirs() -> None:
    assert found(several_leaf_nodes.rule, BASE, side("0002_a"), side("0002_b"), apps=["orders"]) == ()


ADD = 'migrations.AddField("order", "total", models.IntegerField(null=True))'
ALTER = 'migrations.AlterField("order", "note", models.CharField(max_length={}))'
INDEX = 'migrations.AddIndex("order", models.Index(fields=["note"], name="note_idx"))'
OPTIONS = 'migrations.AlterModelOptions("order", {{"verbose_name": "{}"}})'
SQL = 'migrations.RunSQL("{}", migrations.RunSQL.noop)'
CODE = """
def fill(apps, schema_editor):
    apps.get_model("shop", "{}").objects.update({})
"""
FILL = "migrations.RunPython(fill, migrations.RunPython.noop)"
BOTH = "cannot be merged in any order: both have to do with "


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (ADD, ADD.replace("order", "item"), "are independent of each other"),
        (ADD, ADD.replace("total", "vat"), "change different things of table shop_order"),
        (ALTER.format(30), ALTER.format(40), f"{BOTH}column shop_order.note"),
        (INDEX, SQL.format("CREATE INDEX note_idx ON shop_item (id)"), f"{BOTH}index note_idx"),
        (
            'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note"], name="one"))',
            SQL.format("ALTER TABLE shop_order ADD CONSTRAINT one CHECK (id > 1)"),
            f"{BOTH}constraint one",
        ),
        (INDEX, SQL.format("ALTER TABLE shop_order DROP COLUMN note"), f"{BOTH}column shop_order.note"),
        (ADD, SQL.format("ALTER TABLE shop_order RENAME TO orders"), f"{BOTH}table shop_order"),
        (SQL.format("CREATE TABLE log ()"), SQL.format("CREATE TABLE log (id int)"), f"{BOTH}table log"),
        (
            SQL.format("CREATE TABLE log (item bigint REFERENCES shop_item)"),
            SQL.format("ALTER TABLE shop_item RENAME TO items"),
            f"{BOTH}table shop_item",
        ),
        (
            SQL.format("CREATE TABLE log (item bigint REFERENCES shop_item)"),
            ADD.replace("order", "item"),
            "are independent of each other",
        ),
        (OPTIONS.format("a"), OPTIONS.format("b"), f"{BOTH}“Change Meta options on order”"),
        (INDEX, ALTER.format(40), "change different things of table shop_order"),
        (ADD, SQL.format("no SQL at all"), "may have to do with each other"),
    ],
)
def test_what_the_sides_have_in_common(one: str, other: str, said: str) -> None:
    assert common(one, other) == said


def test_python_code_is_read() -> None:
    assert common(ADD, FILL, CODE.format("Item", "")) == "are independent of each other"
    assert common(ADD, FILL, CODE.format("Order", "note=1")) == "change different things of table shop_order"
    dropped = SQL.format("ALTER TABLE shop_order DROP COLUMN note")
    assert common(dropped, FILL, CODE.format("Order", "note=1")) == f"{BOTH}column shop_order.note"
    finding = conflict(side("0002_a", ADD), side("0002_b", FILL, code="from os import abort as fill"))
    assert finding.message.endswith("may have to do with each other")
    assert [one.label for one in finding.evidence] == ["not known"]


def test_the_command_and_the_name_that_django_gives_the_merge() -> None:
    finding = conflict(side("0002_a", ADD), side("0003_b", after="0002_a"), side("0002_c"))
    assert "python manage.py makemigrations --merge shop\n" in finding.fix
    assert "Either order gives the same" in finding.fix
    long = conflict(side("0002_a"), side(f"0002_{'b' * 50}"))
    assert "Django calls it" not in long.fix


def merged(*migrations: Migration) -> tuple[list[str], str]:
    """What Django makes of a conflict: its order on an empty database, and the name of the merge migration."""
    with with_database((BASE, *migrations)) as project:
        with pytest.raises(CommandError, match="Conflicting migrations detected"):
            call_command("migrate", verbosity=0)
        call_command("makemigrations", "shop", merge=True, interactive=False, verbosity=0)
        *order, (_, name) = History(project).order
    return [one for _, one in order], name


def test_django_refuses_a_conflict_and_merges_it_in_whichever_order() -> None:
    assert merged(side("0002_a"), side("0002_b")) == (["0001_initial", "0002_b", "0002_a"], "0003_merge_0002_a_0002_b")
    sides = side("0002_a"), side("0003_b", after="0002_a"), side("0002_c")
    assert merged(*sides)[1] in conflict(*sides).fix


def test_the_side_that_nobody_has_is_put_behind_the_other() -> None:
    sides = side("0002_a", ALTER.format(30)), side("0002_b", ALTER.format(40))
    past = Past(ref="main", applied={("shop", "0001_initial"): {}, ("shop", "0002_b"): {"git": None}})
    finding = conflict(*sides, past=past)
    assert finding.path == "shop/migrations/0002_a.py"
    assert 'dependencies = [\n    ("shop", "0002_b"),\n]' in finding.fix
    assert "the number 0003" in finding.fix
    both = Past(ref="main", applied={("shop", f"0002_{one}"): {"git": SINCE} for one in "ab"})
    assert "databases may differ already" in conflict(*sides, past=both).fix
