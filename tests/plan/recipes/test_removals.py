"""Fields, many-to-many tables and models removed while code of two releases uses them."""

import pytest

from migsafe.planning import PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=10)),
    ])""",
    """migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.CharField(max_length=10, blank=True)),
        ("kind", models.CharField(max_length=10, default="it's")),
        ("count", models.PositiveIntegerField()),
        ("code", models.CharField(max_length=9, unique=True)),
        ("customer", models.ForeignKey("shop.Customer", models.CASCADE)),
        ("parent", models.ForeignKey("shop.Order", models.CASCADE, null=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer (email) SELECT n::text FROM generate_series(1, 3) n;
    INSERT INTO shop_tag SELECT FROM generate_series(1, 3);
    INSERT INTO shop_order (note, kind, count, code, customer_id, parent_id)
    SELECT n::text, 'a', n, n::text, n, 1 FROM generate_series(1, 3) n;
    INSERT INTO shop_order_tags (order_id, tag_id) SELECT n, n FROM generate_series(1, 3) n
"""


def remove(field: str) -> str:
    return f'migrations.RemoveField("order", "{field}")'


def names(report: PlanReport) -> list[list[str]]:
    return [[step.name for step in deploy.migrations] for deploy in report.plan.deploys]


def test_code_that_does_not_know_a_column_may_insert(postgres: Server) -> None:
    """A default where there is one that every row may have, else NULL."""
    fields = {
        "note": "SET DEFAULT ''",
        "kind": "SET DEFAULT 'it''s'",
        "count": "DROP NOT NULL",
        "code": "DROP NOT NULL",
        "parent": None,
    }
    proved = prove(shop, *map(remove, fields), server=postgres, rows=ROWS, lost=["shop_order.count", "shop_order.code"])
    assert [deploy.kinds for deploy in proved.plan.deploys] == [("expand",), ("contract",)]
    sql = {name[5:]: statements[1:] for name, statements in proved.sql.items()}
    for name, relaxed in fields.items():
        if relaxed:
            assert sql[f"remove_order_{name}"] == (f'ALTER TABLE "shop_order" ALTER COLUMN "{name}" {relaxed}',)
    (self_reference,) = sql["remove_order_parent"]
    assert self_reference.startswith('ALTER TABLE "shop_order" DROP CONSTRAINT IF EXISTS "shop_order_parent_id_')
    assert "ON DELETE SET NULL" in self_reference


def test_many_to_many(postgres: Server) -> None:
    proved = prove(shop, remove("tags"), server=postgres, rows=ROWS)
    assert names(proved.report) == [
        ["0002_shop_order_tags_order_id_follows", "0003_remove_order_tags"],
        ["0004_drop_shop_order_tags_order_id_key", "0005_drop_shop_order_tags_tag_id_key", "0006_drop_order_tags"],
    ]


def test_model_after_the_fields_that_refer_to_it(postgres: Server) -> None:
    delete = 'migrations.DeleteModel("Customer")'
    proved = prove(shop, remove("customer"), delete, server=postgres, rows=ROWS, lost=["shop_order.customer_id"])
    assert names(proved.report) == [
        ["0002_remove_order_customer", "0003_remove_customer"],
        [
            "0004_drop_order_customer_key",
            "0005_drop_order_customer_index",
            "0006_drop_order_customer",
            "0007_drop_customer",
        ],
    ]


def test_model_with_all_that_it_refers_to(postgres: Server) -> None:
    proved = prove(shop, 'migrations.DeleteModel("Order")', server=postgres, rows=ROWS)
    assert names(proved.report) == [
        [
            "0002_shop_order_tags_order_id_follows",
            "0003_shop_order_tags_tag_id_follows",
            "0004_shop_order_customer_id_follows",
            "0005_remove_order",
        ],
        [
            "0006_drop_shop_order_tags_order_id_key",
            "0007_drop_shop_order_tags_tag_id_key",
            "0008_drop_shop_order_customer_id_key",
            "0009_drop_shop_order_parent_id_key",
            "0010_drop_order",
        ],
    ]


def test_child_model_of_another_table(postgres: Server) -> None:
    shop = Scenario(
        """migrations.CreateModel("Place", [("id", models.BigAutoField(primary_key=True))])""",
        """migrations.CreateModel("Bar", [
            ("place_ptr", models.OneToOneField(
                "shop.Place", models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False,
            )),
            ("name", models.CharField(max_length=9)),
        ], bases=("shop.place",))""",
    )
    rows = "INSERT INTO shop_place SELECT FROM generate_series(1, 3); INSERT INTO shop_bar VALUES (1, 'a')"
    proved = prove(shop, 'migrations.DeleteModel("Bar")', server=postgres, rows=rows)
    assert names(proved.report) == [["0002_remove_bar"], ["0003_drop_shop_bar_place_ptr_id_key", "0004_drop_bar"]]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("CREATE VIEW notes AS SELECT note FROM shop_order", "view notes reads note"),
        (
            "ALTER TABLE shop_order ADD loud text GENERATED ALWAYS AS (upper(note)) STORED",
            "column loud is generated from note",
        ),
        ("ALTER TABLE shop_order ADD EXCLUDE (note WITH =)", "exclude constraint shop_order_note_excl needs it"),
    ],
)
def test_what_depends_on_a_column_is_told(sql: str, why: str) -> None:
    mean = Scenario(*shop.before[0].operations, f"migrations.RunSQL({sql!r}, migrations.RunSQL.noop)")
    (unsolved,) = mean.plan(remove("note")).plan.unsolved
    assert why in unsolved.why


def test_names_of_all_kinds(postgres: Server) -> None:
    mean = Scenario(
        """migrations.CreateModel("Part", [
            ("id", models.AutoField(primary_key=True)),
            ("size", models.CharField(max_length=9, db_column="Si ze", db_index=True)),
            ("made", models.DateTimeField(auto_now_add=True)),
        ], options={"db_table": "Odd Parts"})""",
        'migrations.RunSQL(\'ALTER TABLE "Odd Parts" ADD CONSTRAINT "x" CHECK (length("Si ze") > 0 OR id > 0)\', "")',
    )
    rows = """INSERT INTO "Odd Parts" ("Si ze", made) VALUES ('b', now())"""
    both = [f'migrations.RemoveField("part", "{name}")' for name in ("size", "made")]
    proved = prove(mean, *both, server=postgres, rows=rows, lost=["Odd Parts.Si ze"])
    assert [len(deploy.migrations) for deploy in proved.plan.deploys] == [2, 3]
    assert 'DROP CONSTRAINT IF EXISTS "x"' in "".join(proved.sql["0002_remove_part_size"])
    assert 'ALTER COLUMN "made" SET DEFAULT now()' in "".join(proved.sql["0003_remove_part_made"])
