"""Indexes and constraints of tables in use, on a real server: plans end where their originals do, and go back."""

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.conftest import ends
from tests.plan.proving import prove

CONDITION = "condition" if django.VERSION >= (5, 1) else "check"
LONG = "a_name_of_sixty_three_characters_is_the_longest_that_fits_in_it"
GIN = "__import__('django.contrib.postgres.indexes', fromlist=['*']).GinIndex"

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
        ("code", models.CharField(max_length=100, db_index=True)),
        ("slug", models.SlugField(unique=True)),
        ("total", models.IntegerField(null=True)),
        ("count", models.IntegerField(default=0)),
        ("note", models.TextField(default="")),
    ], options={
        "indexes": [models.Index(fields=["total"], name="total_idx")],
        "constraints": [models.UniqueConstraint(fields=["note"], condition=Q(total=1), name="note_of_one")],
        "unique_together": {("email", "code")},
    })"""
)
ROWS = """
INSERT INTO shop_order (email, code, slug, total, count, note)
SELECT 'e' || n, n, n, n, n, n FROM generate_series(1, 9) n
"""

CHANGES = {
    "indexes": [
        'AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))',
        'AddIndex("order", models.Index(fields=["-total", "email"], condition=Q(count__gt=3), name="partial_idx"))',
        'AddIndex("order", models.Index(models.functions.Lower("email"), F("code").desc(), name="lower_idx"))',
        'AddIndex("order", models.Index(fields=["note"], include=["id"], opclasses=["text_pattern_ops"], name="ops"))',
        'RemoveIndex("order", "total_idx")',
    ],
    "fields": [
        'AlterField("order", "email", models.CharField(max_length=100, db_index=True))',
        'AlterField("order", "note", models.TextField(default="", unique=True))',
        'AlterField("order", "code", models.CharField(max_length=100))',
        'AlterField("order", "slug", models.SlugField(db_index=False))',
        'AlterField("order", "total", models.IntegerField(null=True, unique=True))',
        'AlterField("order", "count", models.PositiveIntegerField(default=0))',
    ],
    "together": [
        'AlterUniqueTogether("order", {("email", "total"), ("slug", "count")})',
    ],
    "constraints": [
        'AddConstraint("order", models.UniqueConstraint(fields=["email", "total"], name="email_total"))',
        'AddConstraint("order", models.UniqueConstraint(fields=["email"], condition=Q(total__gt=3), name="partial"))',
        'AddConstraint("order", models.UniqueConstraint(models.functions.Lower("email"), name="lower_email"))',
        'AddConstraint("order", models.UniqueConstraint(fields=["note"], include=["total"], name="including"))',
        'AddConstraint("order", models.UniqueConstraint(fields=["count"], deferrable=models.Deferrable.DEFERRED, name="d"))',
        'RemoveConstraint("order", "note_of_one")',
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_ends_where_the_original_does(change: str, postgres: Server) -> None:
    prove(shop, *(f"migrations.{one}" for one in CHANGES[change]), server=postgres, rows=ROWS)


def test_the_column_changes_before_its_index_is_built(postgres: Server) -> None:
    proved = prove(
        shop,
        'migrations.AlterField("order", "email", models.CharField("e-mail", max_length=200, unique=True, null=True))',
        'migrations.AlterField("order", "slug", models.SlugField(max_length=90, unique=True, db_index=True))',
        server=postgres,
        rows=ROWS,
    )
    names = [[step.name for step in deploy.migrations] for deploy in proved.plan.deploys]
    assert names == [
        ["0002_change_expand"],
        ["0003_order_email_unique_index", "0004_order_email_unique"],
    ]


def test_a_build_that_failed_is_no_obstacle_for_the_next_one(postgres: Server) -> None:
    duplicate = "INSERT INTO shop_order (email, code, slug, count, note) VALUES ('e1', 'x', 'x', 1, 'x')"
    proved = prove(
        shop,
        'migrations.AlterField("order", "email", models.CharField(max_length=100, unique=True))',
        server=postgres,
        rows=ROWS,
        spoiled=(duplicate, "DELETE FROM shop_order WHERE code = 'x'"),
    )
    assert [step.name for step in proved.plan.deploys[1].migrations] == [
        "0002_order_email_unique_index",
        "0003_order_email_unique",
    ]


def test_rows_that_are_allowed_for_a_while_stand_in_the_way_back() -> None:
    changes = ("indexes", 0), ("fields", 3), ("constraints", 5)
    report = shop.plan(*(f"migrations.{CHANGES[about][number]}" for about, number in changes))
    [deploy] = report.plan.deploys
    assert deploy.undo.partition("migrate shop 0001_initial`. ")[2] == (
        "That fails once shop_order has two rows with the same slug."
        " That fails once shop_order has two rows with the same note where total = 1."
    )


elsewhere = Scenario(
    Migration(
        'migrations.RunSQL("CREATE SCHEMA shop", "DROP SCHEMA shop")',
        """migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("Email", models.CharField(max_length=100, db_column="E Mail")),
            ("select", models.IntegerField(null=True)),
            ("data", models.JSONField(default=dict)),
        ], options={"db_table": 'shop"."Order s'})""",
    ),
    Migration(
        """migrations.CreateModel("Person", [
            ("id", models.BigAutoField(primary_key=True)),
            ("Name", models.CharField(max_length=9, db_column="Na me")),
            ("age", models.IntegerField(null=True)),
        ], options={"db_table": "Per.son"})""",
        """migrations.CreateModel("Customer", [
            ("person_ptr", models.OneToOneField("people.Person", models.CASCADE, parent_link=True, primary_key=True)),
            ("vat", models.CharField(max_length=30)),
            ("boss", models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+")),
            ("peer", models.ForeignKey("people.Person", models.CASCADE, related_name="+", db_index=False)),
            ("seller", models.ForeignKey("people.Person", models.CASCADE, related_name="+")),
        ], bases=("people.person",))""",
        app="people",
    ),
)


@ends
def test_names_and_schemas_that_need_quotes(postgres: Server) -> None:
    positive = f'{CONDITION}=Q(select__gt=0) & ~Q(Email="%")'
    email = 'models.CharField(max_length=100, db_column="E Mail", unique=True)'
    proved = prove(
        elsewhere,
        'migrations.AddIndex("order", models.Index(fields=["Email", "-select"], name="Order Idx"))',
        f'migrations.AddIndex("order", {GIN}(fields=["data"], name="gin", fastupdate=False))',
        f'migrations.AddConstraint("order", models.UniqueConstraint(fields=["Email", "select"], name="{LONG}"))',
        f'migrations.AlterField("order", "Email", {email})',
        f'migrations.AddConstraint("order", models.CheckConstraint({positive}, name="Che ck"))',
        server=postgres,
        rows="""INSERT INTO shop."Order s" ("E Mail", "select", data) SELECT n, n, '{}' FROM generate_series(1, 9) n""",
    )
    assert len(proved.plan.deploys) == 2


@ends
def test_inherited_models_and_foreign_keys_of_another_app(postgres: Server) -> None:
    def foreign_key(arguments: str, kind: str = "ForeignKey") -> str:
        return f'models.{kind}("people.Person", related_name="+", {arguments})'

    operations = (
        'AlterField("customer", "vat", models.CharField(max_length=30, unique=True))',
        f'AlterField("customer", "boss", {foreign_key("on_delete=models.SET_NULL, null=True", "OneToOneField")})',
        f'AlterField("customer", "peer", {foreign_key("on_delete=models.CASCADE")})',
        f'AlterField("customer", "seller", {foreign_key("on_delete=models.CASCADE, db_index=False")})',
        'AlterField("person", "Name", models.CharField(max_length=9, db_column="Na me", db_index=True))',
        'AlterField("person", "age", models.PositiveIntegerField(null=True))',
    )
    change = Migration(*(f"migrations.{one}" for one in operations), app="people")
    proved = prove(elsewhere, change, server=postgres, rows='INSERT INTO "Per.son" ("Na me") VALUES (1)')
    assert len(proved.plan.deploys) == 2
