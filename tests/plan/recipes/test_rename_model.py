"""Models and tables that get another name."""

from typing import Any

import psycopg
import pytest

from migsafe.planning import PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.conftest import each_major
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100, unique=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
    """migrations.CreateModel("Line", [
        ("id", models.BigAutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
    ])""",
)
Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = """
CREATE TABLE shop_tag (id bigserial PRIMARY KEY);
CREATE TABLE shop_order (id bigserial PRIMARY KEY, email varchar(100) NOT NULL UNIQUE);
CREATE TABLE shop_line (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES shop_order);
CREATE TABLE shop_order_tags (
    id bigserial PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES shop_order,
    tag_id bigint NOT NULL REFERENCES shop_tag,
    UNIQUE (order_id, tag_id)
);
INSERT INTO shop_tag DEFAULT VALUES;
INSERT INTO shop_order (email) VALUES ('a'), ('b');
INSERT INTO shop_line (order_id) VALUES (1), (2);
"""
ROWS = """
INSERT INTO shop_tag DEFAULT VALUES;
INSERT INTO shop_order (email) VALUES ('a'), ('b');
INSERT INTO shop_line (order_id) VALUES (1), (2), (2);
INSERT INTO shop_order_tags (order_id, tag_id) VALUES (1, 1);
"""


def executed(report: PlanReport, deploy: int) -> list[str]:
    migrations = report.plan.deploys[deploy - 1].migrations
    return [statement.sql for migration in migrations for statement in migration.statements]


def test_what_django_cannot_carry_out_is_told() -> None:
    heir = """migrations.CreateModel("Gift", [
        ("order_ptr", models.OneToOneField("shop.Order", models.CASCADE, parent_link=True, primary_key=True)),
    ], bases=("shop.order",))"""
    inherited = Scenario(*shop.before, Migration(heir))
    rename = Migration('migrations.RenameModel("Order", "Purchase")', name="0003_purchase")
    (unsolved,) = inherited.plan(rename).plan.unsolved
    assert "the base shop.order does not exist" in unsolved.why


def test_plain_model_keeps_its_table() -> None:
    report = shop.plan('migrations.RenameModel("Line", "Row")')
    assert report.plan.unsolved == ()
    (deploy,) = report.plan.deploys
    assert 'migrations.AlterModelTable(name="line", table="shop_line")' in deploy.migrations[0].source
    assert executed(report, 1) == []


@each_major
def test_column_of_a_many_to_many_table_has_both_names(connection: Connection) -> None:
    report = shop.plan('migrations.RenameModel("Tag", "Label")')
    assert (report.plan.unsolved, len(report.plan.deploys)) == ((), 2)
    connection.execute(SCHEMA)
    for sql in executed(report, 1):
        connection.execute(sql.encode())
    old, new = (f"INSERT INTO shop_order_tags (order_id, {tag}) VALUES (%s, 1)" for tag in ("tag_id", "label_id"))
    conflict = " ON CONFLICT DO NOTHING RETURNING id"
    for order, insert in ((1, old), (2, new)):
        assert connection.execute(f"{insert}{conflict}".encode(), [order]).rowcount == 1
        assert connection.execute(f"{insert}{conflict}".encode(), [order]).rowcount == 0
    assert connection.execute("SELECT order_id, tag_id, label_id FROM shop_order_tags ORDER BY 1").fetchall() == [
        (1, 1, 1),
        (2, 1, 1),
    ]
    assert connection.execute("DELETE FROM shop_order_tags WHERE order_id = 1 AND tag_id IN (1)").rowcount == 1
    for sql in executed(report, 2):
        connection.execute(sql.encode())
    assert connection.execute("SELECT order_id, label_id FROM shop_order_tags").fetchall() == [(2, 1)]


@each_major
def test_what_a_view_serves(connection: Connection) -> None:
    """What `parts/views.py` says of a view, asked of each PostgreSQL in the words of Django's queries."""
    connection.execute(SCHEMA)
    for sql in executed(shop.plan('migrations.AlterModelTable("order", "purchases")'), 1):
        connection.execute(sql.encode())
    made = connection.execute("INSERT INTO shop_order (email) VALUES ('c') RETURNING shop_order.id").fetchall()
    assert made == [(3,)]
    upsert = "INSERT INTO shop_order (email) VALUES ('c') ON CONFLICT (email) DO UPDATE SET email = 'd' RETURNING id"
    assert connection.execute(upsert).fetchall() == [(3,)]
    assert connection.execute("UPDATE shop_order SET email = 'e' WHERE shop_order.id = 3").rowcount == 1
    locked = "SELECT id FROM shop_order WHERE id = 3 FOR NO KEY UPDATE SKIP LOCKED"
    assert connection.execute(locked).fetchall() == [(3,)]
    assert connection.execute("DELETE FROM shop_order WHERE id IN (3)").rowcount == 1
    count = "SELECT o.id, o.email, count(l.id) FROM {} o JOIN shop_line l ON l.order_id = o.id GROUP BY o.id"
    assert len(connection.execute(count.format("purchases").encode()).fetchall()) == 2
    with pytest.raises(psycopg.errors.GroupingError):
        connection.execute(count.format("shop_order").encode())


def test_table_is_renamed_under_a_view(postgres: Server) -> None:
    proved = prove(shop, 'migrations.AlterModelTable("order", "Purchases")', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 2
    assert "GROUP BY" in proved.plan.notes[0]


def test_model_and_table_are_renamed_under_views(postgres: Server) -> None:
    prove(shop, 'migrations.RenameModel("Order", "Purchase")', server=postgres, rows=ROWS, strategies=["view"])


def test_a_long_name_of_a_foreign_key_is_cut_before_it_differs(postgres: Server) -> None:
    long = Scenario(
        """migrations.CreateModel("AnnouncementOfShipment", [("id", models.BigAutoField(primary_key=True))])""",
        """migrations.CreateModel("Line", [
            ("id", models.BigAutoField(primary_key=True)),
            ("announcement", models.ForeignKey("shop.AnnouncementOfShipment", models.CASCADE)),
        ])""",
    )
    rename = 'migrations.RenameModel("AnnouncementOfShipment", "AnnouncementOfArrival")'
    proved = prove(long, rename, server=postgres, strategies=["view"])
    assert not any("RENAME CONSTRAINT" in sql for each in proved.sql.values() for sql in each)
