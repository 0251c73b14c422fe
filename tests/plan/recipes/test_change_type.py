"""Columns that get another type through a second one that takes their place."""

from typing import Any

import psycopg
import pytest

from migsafe.planning import ChangeCode
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100, unique=True)),
        ("total", models.IntegerField(db_index=True)),
        ("count", models.PositiveIntegerField(null=True)),
    ], options={"indexes": [
        models.Index(fields=["total", "-count"], name="order_total_count"),
        models.Index(fields=["email"], condition=Q(total__gt=5), name="order_dear"),
    ]})"""
)
ROWS = (
    "INSERT INTO shop_order (email, total, count) SELECT 'e' || n, n, nullif(n % 5, 0) FROM generate_series(1, 2500) n"
)


def test_integer_to_bigint(postgres: Server) -> None:
    change = 'migrations.AlterField("order", "total", models.BigIntegerField(db_index=True))'
    proved = prove(shop, change, server=postgres, rows=ROWS)
    assert [deploy.kinds for deploy in proved.plan.deploys] == [("expand",), ("contract",), ("contract",)]
    assert not any('ALTER COLUMN "total" TYPE' in sql for each in proved.sql.values() for sql in each)


@pytest.mark.slow
def test_with_check_and_nulls(postgres: Server) -> None:
    prove(
        shop,
        'migrations.AlterField("order", "count", models.PositiveBigIntegerField(null=True))',
        server=postgres,
        rows=ROWS,
    )


old = Scenario(
    """migrations.CreateModel("Tag", [("id", models.AutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.AutoField(primary_key=True)),
        ("code", models.CharField(max_length=100)),
        ("parent", models.ForeignKey("self", models.CASCADE, null=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
    """migrations.CreateModel("Line", [
        ("id", models.AutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
        ("number", models.IntegerField()),
    ], options={"unique_together": {("order", "number")}})""",
    """migrations.CreateModel("Gift", [
        ("order_ptr", models.OneToOneField("shop.Order", models.CASCADE, parent_link=True, primary_key=True)),
        ("card", models.CharField(max_length=10)),
    ], bases=("shop.order",))""",
    """migrations.CreateModel("Wrap", [
        ("id", models.AutoField(primary_key=True)),
        ("gift", models.ForeignKey("shop.Gift", models.CASCADE)),
    ])""",
)
OLD_ROWS = """
INSERT INTO shop_tag DEFAULT VALUES;
INSERT INTO shop_order (code, parent_id) SELECT 'o' || n, nullif(n / 2, 0) FROM generate_series(1, 1200) n;
INSERT INTO shop_order_tags (order_id, tag_id) SELECT n, 1 FROM generate_series(1, 1200) n;
INSERT INTO shop_line (order_id, number) SELECT n, n FROM generate_series(1, 1200) n;
INSERT INTO shop_gift (order_ptr_id, card) SELECT n, 'x' FROM generate_series(1, 600) n;
INSERT INTO shop_wrap (gift_id) SELECT n FROM generate_series(1, 600) n;
"""


@pytest.mark.slow
def test_automatic_primary_key(postgres: Server) -> None:
    change = 'migrations.AlterField("order", "id", models.BigAutoField(primary_key=True))'
    proved = prove(old, change, server=postgres, rows=OLD_ROWS)
    assert len(proved.plan.deploys) == 3


def test_a_key_and_a_column_that_refers_to_it_in_one_migration() -> None:
    """Django makes the column's index last of all: the column that takes its place needs one all the same."""
    tree = Scenario('migrations.CreateModel("Node", [("id", models.AutoField(primary_key=True))])')
    report = tree.plan(
        'migrations.AddField("node", "parent", models.ForeignKey("self", models.CASCADE, null=True))',
        'migrations.AlterField("node", "id", models.BigAutoField(primary_key=True))',
    )
    assert (report.plan.unsolved, report.remaining) == ((), ())


def test_narrower() -> None:
    report = shop.plan('migrations.AlterField("order", "email", models.CharField(max_length=20, unique=True))')
    assert (report.plan.unsolved, report.remaining) == ((), ())
    first = report.plan.deploys[0]
    assert 'SELECT count(*) FROM "shop_order" WHERE NOT (char_length("email") <= 20)' in [
        one.sql for one in first.checks
    ]
    assert any("varchar(20) has no place for" in step.must_not for step in first.steps if isinstance(step, ChangeCode))


def test_a_type_that_old_queries_cannot_cope_with_has_a_column_of_its_own() -> None:
    report = shop.plan('migrations.AlterField("order", "count", models.CharField(max_length=20, null=True))')
    assert (report.plan.unsolved, report.remaining, len(report.plan.deploys)) == ((), (), 3)
    assert 'db_column="count_varchar"' in "".join(one.source for one in report.plan.deploys[1].migrations)


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("models.BigIntegerField(unique=True)", "a UNIQUE constraint as well"),
        ("models.PositiveBigIntegerField(db_index=True)", "a CHECK constraint as well"),
    ],
)
def test_what_code_that_runs_does_not_keep_to_is_a_change_of_its_own(field: str, why: str) -> None:
    (unsolved,) = shop.plan(f'migrations.AlterField("order", "total", {field})').plan.unsolved
    assert why in unsolved.why


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("CREATE VIEW dear AS SELECT total FROM shop_order", "view dear reads it"),
        ("CREATE TABLE child () INHERITS (shop_order)", "inherited from"),
        ("ALTER TABLE shop_order ADD COLUMN twice int GENERATED ALWAYS AS (total * 2) STORED", "column twice is made"),
    ],
)
def test_what_cannot_be_had_twice(sql: str, why: str) -> None:
    used = Scenario(*shop.before, Migration(f"migrations.RunSQL({sql!r})"))
    (unsolved,) = used.plan(
        Migration('migrations.AlterField("order", "total", models.BigIntegerField(db_index=True))', name="0003_big")
    ).plan.unsolved
    assert why in unsolved.why


def test_a_key_of_another_kind_is_a_second_key_first() -> None:
    (unsolved,) = shop.plan(
        'migrations.AlterField("order", "id", models.CharField(max_length=20, primary_key=True))'
    ).plan.unsolved
    assert "it is the primary key" in unsolved.why
    assert unsolved.instead.startswith("Leave the old key as it is.")


def test_not_null_before_postgres_12_reads_the_table() -> None:
    change = 'migrations.AlterField("order", "total", models.BigIntegerField(db_index=True))'
    (unsolved,) = shop.plan(change, postgres=11).plan.unsolved
    assert "before PostgreSQL 12" in unsolved.why
    nullable = 'migrations.AlterField("order", "count", models.PositiveBigIntegerField(null=True))'
    assert shop.plan(nullable, postgres=11).plan.unsolved == ()


def test_names_that_need_quotes(postgres: Server) -> None:
    mixed = Scenario(
        """migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True, db_column="Id")),
            ("total", models.IntegerField(db_column='Total Net', db_index=True, db_comment="it's net")),
        ], options={"db_table": "My Orders"})"""
    )
    field = """models.BigIntegerField(db_column='Total Net', db_index=True, db_comment="it's net")"""
    rows = 'INSERT INTO "My Orders" ("Total Net") SELECT n FROM generate_series(1, 10) n'
    prove(mixed, f'migrations.AlterField("order", "total", {field})', server=postgres, rows=rows)


def test_value_that_does_not_fit_is_neither_refused_nor_cut(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    wide = Scenario(
        """migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("code", models.CharField(max_length=10)),
        ])"""
    )
    deploys = wide.plan('migrations.AlterField("order", "code", models.CharField(max_length=3))').plan.deploys
    connection.execute("CREATE TABLE shop_order (id bigserial PRIMARY KEY, code varchar(10) NOT NULL)")
    for statement in deploys[0].migrations[0].statements:
        connection.execute(statement.sql.encode())
    connection.execute("INSERT INTO shop_order (code) VALUES ('abc'), ('too long')")
    rows = connection.execute("SELECT code, code_new FROM shop_order ORDER BY id").fetchall()
    assert rows == [("abc", "abc"), ("too long", None)]
    counts = [connection.execute(one.sql.encode()).fetchall() for one in deploys[0].checks if one.sql]
    assert counts == [[(1,)], [(1,)]]
    sqls = [statement.sql.encode() for statement in deploys[1].migrations[0].statements]
    validate = next(index for index, sql in enumerate(sqls) if b"VALIDATE" in sql)
    for sql in sqls[:validate]:
        connection.execute(sql)
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(sqls[validate])
