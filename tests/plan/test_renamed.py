"""Names that others in the same change go by: in the database they are given, or carried along where that is for free."""

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
        ("count", models.IntegerField(null=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
    """migrations.CreateModel("Line", [
        ("id", models.BigAutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
    ])""",
)
ROWS = """
    INSERT INTO shop_tag DEFAULT VALUES;
    INSERT INTO shop_order (email, count) SELECT n, n FROM generate_series(1, 20) n;
    INSERT INTO shop_order_tags (order_id, tag_id) VALUES (1, 1);
    INSERT INTO shop_line (order_id) VALUES (2)
"""
MODEL = 'migrations.RenameModel("Order", "Purchase")'
FIELD = 'migrations.RenameField("order", "email", "mail")'
UNIQUE = 'migrations.AddConstraint("{}", models.UniqueConstraint(fields=["mail"], name="mail_uniq"))'
WIDER = 'migrations.AlterField("{}", "mail", models.CharField(max_length=200))'
INDEXED = 'migrations.AddField("purchase", "note", models.CharField(max_length=9, null=True, db_index=True))'


@pytest.mark.parametrize(
    ("change", "deploys", "chosen"),
    [
        ((FIELD, WIDER.format("order")), 1, ["db_column"]),
        ((FIELD, MODEL, WIDER.format("purchase")), 2, ["db_column", "db_table"]),
        ((MODEL, 'migrations.RenameField("purchase", "email", "mail")'), 2, ["db_table", "db_column"]),
        ((FIELD, 'migrations.AddIndex("order", models.Index(fields=["mail"], name="mail_idx"))'), 1, ["db_column"]),
        ((FIELD, 'migrations.AlterUniqueTogether("order", {("mail", "count")})'), 3, ["copy"]),
        ((FIELD, "migrations.RunSQL(\"UPDATE shop_order SET mail = 'x' WHERE mail = ''\", '')"), 3, ["copy"]),
        ((FIELD, MODEL, UNIQUE.format("purchase")), 4, ["copy", "view"]),
        (
            (MODEL, 'migrations.AddField("Purchase", "marks", models.ManyToManyField("shop.Tag", related_name="+"))'),
            2,
            ["view"],
        ),
        ((MODEL, 'migrations.RenameModel("Purchase", "Deal")'), 3, ["view", "view"]),
        ((MODEL, 'migrations.DeleteModel("Line")'), 3, ["view"]),
        ((MODEL, INDEXED), 2, ["view"]),
    ],
)
def test_what_comes_after_a_rename(change: tuple[str, ...], deploys: int, chosen: list[str]) -> None:
    plan = shop.plan(*change).plan
    assert plan.unsolved == ()
    assert (len(plan.deploys), [one.name for one in plan.strategies if one.chosen]) == (deploys, chosen)


@pytest.mark.parametrize(
    "change",
    [
        (FIELD, UNIQUE.format("order")),
        (MODEL, 'migrations.AlterField("purchase", "count", models.IntegerField(default=0))'),
    ],
)
def test_a_rename_and_others_on_a_server(change: tuple[str, ...], postgres: Server) -> None:
    prove(shop, *change, server=postgres, rows=ROWS)


def test_who_asks_for_a_name_to_be_kept_is_told_that_others_go_by_the_new_one() -> None:
    [unsolved] = shop.plan(MODEL, 'migrations.DeleteModel("Line")', strategies=["db_table"]).plan.unsolved
    assert (unsolved.operation, unsolved.why.partition(",")[0]) == (0, "the table would keep its name in the database")
    assert "migration of its own" in unsolved.instead
