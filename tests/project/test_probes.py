"""What code of one release does on the schema of the other, with Django's own operations on a real server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from migsafe.project.offline import installed
from migsafe.project.probes import ACTIONS, probe, touched
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.verification import Probe, Rollout
from migsafe.verify.rollout import rollout
from tests.conftest import ONE

KEY: "tuple[str, models.Field[Any, Any]]" = ("id", models.BigAutoField(primary_key=True))

SHOP = [
    migrations.CreateModel("Customer", [KEY, ("name", models.CharField(max_length=20))]),
    migrations.CreateModel("Tag", [KEY, ("label", models.CharField(max_length=20, unique=True))]),
    migrations.CreateModel(
        "Order",
        [
            KEY,
            ("number", models.IntegerField(unique=True)),
            ("state", models.CharField(max_length=20, default="new")),
            ("note", models.TextField(null=True)),
            ("customer", models.ForeignKey("shop.Customer", models.CASCADE)),
            ("tags", models.ManyToManyField("shop.Tag")),
        ],
    ),
]

ROWS = """
INSERT INTO shop_customer (name) SELECT 'c' || i FROM generate_series(1, 20) i;
INSERT INTO shop_tag (id, label) SELECT i, 't' || i FROM generate_series(1, 20) i;  -- its sequence is left behind
INSERT INTO shop_order (number, state, note, customer_id)
SELECT i, CASE WHEN i % 2 = 0 THEN 'new' ELSE 'paid' END, CASE WHEN i % 2 = 0 THEN 'n' END, i
FROM generate_series(1, 20) i;
INSERT INTO shop_order_tags (order_id, tag_id) SELECT i, i FROM generate_series(1, 20) i;
"""

Databases = tuple[BaseDatabaseWrapper, BaseDatabaseWrapper]


@pytest.fixture(scope="module")
def databases(server: Callable[[int], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with opened(server(ONE), tmp_path_factory.mktemp("project")) as pair:
        yield pair


@contextmanager
def opened(postgres: Server, root: Path) -> Iterator[Databases]:
    """A project, and connections to a database with the schema before a change and to one with that after it."""
    names = postgres.create_database(), postgres.create_database()
    with temporary_project(root, {}):
        before, after = [connect(postgres, name) for name in names]
        yield before, after
        before.close()
        after.close()
    for name in names:
        postgres.drop_database(name)


def connect(postgres: Server, name: str) -> BaseDatabaseWrapper:
    connection: BaseDatabaseWrapper = connections["default"].copy()
    connection.settings_dict.update(NAME=name, HOST=postgres.host, PORT=str(postgres.port), USER=postgres.user)
    return connection


def migrate(connection: BaseDatabaseWrapper, state: ProjectState, operations: Sequence[Operation]) -> ProjectState:
    migration: migrations.Migration = type("Migration", (migrations.Migration,), {"operations": operations})(
        "0001_change", "shop"
    )
    with installed(connection), connection.schema_editor() as editor:
        return migration.apply(state.clone(), editor)


def execute(connection: BaseDatabaseWrapper, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def deploy(
    databases: Databases,
    *change: Operation,
    base: Sequence[Operation] = SHOP,
    rows: str = ROWS,
    tables: Sequence[str] = (),
) -> Rollout:
    """Make both schemas with the rows of the one before, and let the code of each meet the other."""
    states = []
    for connection, operations in zip(databases, ([], change), strict=True):
        execute(connection, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        state = migrate(connection, ProjectState(), base)
        execute(connection, rows)
        states.append(migrate(connection, state, operations))
    before, after = databases
    old, new = touched(states[0], states[1], tables)
    return rollout(probe(after, states[0], old, home=before), probe(before, states[1], new, home=after))


def failing(probes: Sequence[Probe]) -> set[str]:
    return {f"{one.model.removeprefix('shop.')} {one.action}" for one in probes if one.error is not None}


def errors(probes: Sequence[Probe]) -> set[str]:
    return {one.error for one in probes if one.error is not None}


def reasons(probes: Sequence[Probe]) -> dict[str, str]:
    return {f"{one.model.removeprefix('shop.')} {one.action}": one.reason for one in probes if one.reason is not None}


def order(*actions: str) -> set[str]:
    return {f"Order {action}" for action in actions}


def test_a_required_column(databases: Databases) -> None:
    found = deploy(databases, migrations.AddField("order", "price", models.IntegerField(default=0)))
    assert found.order == "neither"
    (insert,) = [one for one in found.old_code if one.error]
    assert insert == Probe(
        model="shop.Order",
        table="shop_order",
        action="insert",
        sql='INSERT INTO "shop_order" ("number", "state", "note", "customer_id")'
        " VALUES (1, 'new', NULL, 1)"
        ' RETURNING "shop_order"."id"',
        error='null value in column "price" of relation "shop_order" violates not-null constraint',
    )
    assert failing(found.new_code) == order("select", "insert", "update")
    assert errors(found.new_code) == {
        "column shop_order.price does not exist",
        'column "price" of relation "shop_order" does not exist',
    }


def test_what_is_tried(databases: Databases) -> None:
    found = deploy(databases, migrations.AddField("order", "price", models.IntegerField(null=True)))
    assert [(one.model, one.table, one.action, one.error, one.reason) for one in found.old_code] == [
        *[("shop.Order", "shop_order", action, None, None) for action in ("select", "insert", "update", "delete")],
        ("shop.Customer", "shop_customer", "delete", None, None),
    ]
    assert [(one.sql or "").split()[0] for one in found.old_code] == ["SELECT", "INSERT", "UPDATE", "DELETE", "DELETE"]


def test_nothing_stays(databases: Databases) -> None:
    everything = """
    SELECT (SELECT jsonb_agg(to_jsonb(o) ORDER BY id) FROM shop_order o), (SELECT jsonb_agg(t) FROM shop_order_tags t),
      (SELECT jsonb_agg(to_jsonb(c) ORDER BY id) FROM shop_customer c), (SELECT jsonb_agg(t) FROM shop_tag t),
      (SELECT jsonb_agg(s ORDER BY sequencename) FROM pg_sequences s)
    """
    change = migrations.AddField("order", "price", models.IntegerField(null=True))
    deploy(databases, change)
    before, after = databases
    kept = [execute(one, everything) for one in databases]
    state = ProjectState()
    for operation in (*SHOP, change):
        operation.state_forwards("shop", state)
    every_model = {("shop", name): ACTIONS for name in ("customer", "tag", "order", "order_tags")}
    for there, home in ((before, after), (after, before)):
        assert any(one.action == "insert" and one.sql for one in probe(there, state, every_model, home=home))
    assert [execute(one, everything) for one in databases] == kept


def add(name: str, field: "models.Field[Any, Any]", model: str = "order") -> Operation:
    return migrations.AddField(model, name, field)


def alter(name: str, field: "models.Field[Any, Any]", model: str = "order") -> Operation:
    return migrations.AlterField(model, name, field)


ANY: list[tuple[str, Operation]] = [
    ("index", migrations.AddIndex("order", models.Index(fields=["state"], name="i"))),
    ("choices", alter("state", models.CharField(max_length=20, default="new", choices=[("new", "New"), ("paid", "Paid")]))),
    ("verbose name", migrations.AlterModelOptions("order", {"verbose_name": "sale"})),
    ("comment", alter("note", models.TextField(null=True, db_comment="from the customer"))),
    ("rename in Python", migrations.SeparateDatabaseAndState([], [
        migrations.RenameField("order", "note", "remark"), alter("remark", models.TextField(null=True, db_column="note")),
    ])),
    ("unique", migrations.AddConstraint("order", models.UniqueConstraint(fields=["customer"], name="u"))),
    ("check", migrations.AddConstraint("order", models.CheckConstraint(condition=models.Q(number__gt=0), name="c"))),
    ("bigger key", alter("id", models.BigAutoField(primary_key=True, verbose_name="ID"))),
    ("proxy", migrations.CreateModel("Sale", [], options={"proxy": True}, bases=("shop.order",))),
    ("unmanaged", migrations.CreateModel("Report", [KEY], options={"managed": False})),
    ("data only", migrations.RunPython(migrations.RunPython.noop)),
]  # fmt: skip


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in ANY])
def test_any_order_works(databases: Databases, change: Operation) -> None:
    found = deploy(databases, change)
    assert found.order == "any", found


WRITE = ("insert", "update")

# What changes, the order that works, what old code cannot do with orders afterwards, and what new code cannot before.
BREAKING: list[tuple[str, list[Operation], str, set[str], set[str]]] = [
    ("nullable column", [add("price", models.IntegerField(null=True))], "migrate first", set(), order("select", *WRITE)),
    ("default of the database", [add("price", models.IntegerField(db_default=0))], "migrate first", set(), order("select", *WRITE)),
    ("default by SQL", [
        add("price", models.IntegerField(default=0)), migrations.RunSQL("ALTER TABLE shop_order ALTER price SET DEFAULT 0"),
    ], "migrate first", set(), order("select", *WRITE)),
    ("generated", [
        add("double", models.GeneratedField(expression=models.F("number") * 2, output_field=models.IntegerField(), db_persist=True)),
    ], "migrate first", set(), order("select", "insert")),
    ("foreign key", [add("tag", models.ForeignKey("shop.Tag", models.CASCADE, null=True))], "migrate first", set(), order("select", *WRITE) | {"Tag delete"}),
    ("nullable column goes", [migrations.RemoveField("order", "note")], "code first", order("select", *WRITE), set()),
    ("required column goes", [migrations.RemoveField("order", "number")], "neither", order("select", *WRITE), order("insert")),
    ("renamed column", [migrations.RenameField("order", "note", "remark")], "neither", order("select", *WRITE), order("select", *WRITE)),
    ("NOT NULL", [
        migrations.RunSQL("UPDATE shop_order SET note = '' WHERE note IS NULL", elidable=True), alter("note", models.TextField(default="")),
    ], "code first", order("insert"), set()),
    ("no longer NOT NULL", [alter("number", models.IntegerField(null=True, unique=True))], "migrate first", set(), order("insert")),
    ("shorter", [alter("state", models.CharField(max_length=10, default="new"))], "code first", order("insert"), set()),
    ("longer", [alter("state", models.CharField(max_length=30, default="new"))], "migrate first", set(), order("insert")),
    ("smaller", [alter("number", models.SmallIntegerField(unique=True))], "code first", order("insert"), set()),
    ("bigger", [alter("number", models.BigIntegerField(unique=True))], "migrate first", set(), order("insert")),
    ("text of a number", [alter("number", models.TextField(unique=True))], "migrate first", set(), order("insert")),
    ("default moves to the database", [alter("state", models.CharField(max_length=20, db_default="new"))], "migrate first", set(), order("insert")),
    ("model", [migrations.DeleteModel("Order")], "neither", {
        *order(*ACTIONS), *(f"Order_tags {action}" for action in ACTIONS), "Customer delete", "Tag delete",
    }, {"Customer delete", "Tag delete"}),
    ("renamed model", [migrations.RenameModel("Order", "Sale")], "neither", {
        *order(*ACTIONS), *(f"Order_tags {action}" for action in ACTIONS), "Customer delete", "Tag delete",
    }, {
        *(f"Sale {action}" for action in ACTIONS), *(f"Sale_tags {action}" for action in ACTIONS),
        "Customer delete", "Tag delete",
    }),
    ("new model", [migrations.CreateModel("Ticket", [KEY, ("of", models.ForeignKey("shop.Order", models.CASCADE))])],
        "migrate first", set(), {"Ticket select", "Ticket insert", "Order delete"}),
    ("many-to-many", [add("gifts", models.ManyToManyField("shop.Tag", related_name="g"))], "migrate first", set(), {
        "Order_gifts select", "Order_gifts insert", "Order delete", "Customer delete", "Tag delete",
    }),
    ("many-to-many goes", [migrations.RemoveField("order", "tags")], "neither", {
        *(f"Order_tags {action}" for action in ACTIONS), "Order delete", "Customer delete", "Tag delete",
    }, {"Order delete", "Customer delete", "Tag delete"}),
    ("rows that refer", [
        add("tag", models.ForeignKey("shop.Tag", models.CASCADE, null=True)),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; UPDATE shop_order SET tag_id = id"),
    ], "neither", {"Tag delete"}, order("select", *WRITE) | {"Tag delete"}),
    ("CHECK after a change of rows", [
        migrations.RunSQL("UPDATE shop_order SET state = 'settled' WHERE state = 'paid'"),
        migrations.AddConstraint("order", models.CheckConstraint(condition=~models.Q(state="paid"), name="c")),
    ], "code first", order("insert"), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "works", "old", "new"), [pytest.param(*expected, id=name) for name, *expected in BREAKING]
)
def test_one_order_works(
    databases: Databases, change: Sequence[Operation], works: str, old: set[str], new: set[str]
) -> None:
    found = deploy(databases, *change)
    assert (found.order, failing(found.old_code), failing(found.new_code)) == (works, old, new), found
