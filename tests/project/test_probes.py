"""What code of one release does on the schema of the other, with Django's own operations on a real server."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import pytest
from django.db import connections, migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Upper
from django.db.models.signals import post_init, pre_delete, pre_save

from migsafe.project.offline import installed
from migsafe.project.probes import ACTIONS, probe, touched
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.verification import Probe, Rollout
from migsafe.verify.rollout import rollout
from tests.conftest import MAJORS, ONE

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


REFRESHED = ("update",) if django.VERSION >= (6, 0) else ()
"""What asks for the values of generated columns that it has changed."""


def check(condition: models.Q) -> models.CheckConstraint:
    given: dict[str, Any] = {"condition" if django.VERSION >= (5, 1) else "check": condition}
    return models.CheckConstraint(**given, name="c")


ANY: list[tuple[str, Operation]] = [
    ("index", migrations.AddIndex("order", models.Index(fields=["state"], name="i"))),
    ("choices", alter("state", models.CharField(max_length=20, default="new", choices=[("new", "New"), ("paid", "Paid")]))),
    ("verbose name", migrations.AlterModelOptions("order", {"verbose_name": "sale"})),
    ("comment", alter("note", models.TextField(null=True, db_comment="from the customer"))),
    ("rename in Python", migrations.SeparateDatabaseAndState([], [
        migrations.RenameField("order", "note", "remark"), alter("remark", models.TextField(null=True, db_column="note")),
    ])),
    ("unique", migrations.AddConstraint("order", models.UniqueConstraint(fields=["customer"], name="u"))),
    ("check", migrations.AddConstraint("order", check(models.Q(number__gt=0)))),
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
    ("default by SQL", [
        add("price", models.IntegerField(default=0)), migrations.RunSQL("ALTER TABLE shop_order ALTER price SET DEFAULT 0"),
    ], "migrate first", set(), order("select", *WRITE)),
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
        migrations.AddConstraint("order", check(~models.Q(state="paid"))),
    ], "code first", order("insert"), set()),
]  # fmt: skip
if django.VERSION >= (5, 0):
    BREAKING += [
        ("default of the database", [add("price", models.IntegerField(db_default=0))], "migrate first", set(), order("select", *WRITE)),
    ("generated", [
        add("double", models.GeneratedField(expression=models.F("number") * 2, output_field=models.IntegerField(), db_persist=True)),
    ], "migrate first", set(), order("select", "insert", *REFRESHED)),
    ("default moves to the database", [alter("state", models.CharField(max_length=20, db_default="new"))], "migrate first", set(), order("insert")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "works", "old", "new"), [pytest.param(*expected, id=name) for name, *expected in BREAKING]
)
def test_one_order_works(
    databases: Databases, change: Sequence[Operation], works: str, old: set[str], new: set[str]
) -> None:
    found = deploy(databases, *change)
    assert (found.order, failing(found.old_code), failing(found.new_code)) == (works, old, new), found


def test_models_are_of_their_own_state(databases: Databases) -> None:
    """Django re-renders what is close to a change only: here, lines still refer to the orders of earlier."""
    line = migrations.CreateModel("Line", [KEY, ("order", models.ForeignKey("shop.Order", models.CASCADE))])
    part = migrations.CreateModel("Part", [KEY, ("line", models.ForeignKey("shop.Line", models.CASCADE))])
    rows = ROWS + "INSERT INTO shop_line (order_id) VALUES (1); INSERT INTO shop_part (line_id) VALUES (1)"
    found = deploy(databases, add("price", models.IntegerField(null=True), "line"), base=[*SHOP, line, part], rows=rows)
    deleted = {one.model: one for one in found.old_code if one.action == "delete"}
    assert deleted["shop.Order"].reason is None
    assert (deleted["shop.Order"].sql or "").startswith('DELETE FROM "shop_order"')


def test_what_the_database_alone_knows(databases: Databases) -> None:
    required = migrations.RunSQL(
        "ALTER TABLE shop_tag ADD secret int NOT NULL DEFAULT 3; ALTER TABLE shop_tag ALTER secret DROP DEFAULT"
    )
    assert deploy(databases, required).old_code == ()
    found = deploy(databases, required, tables=["shop_tag"])
    assert failing(found.old_code) == {"Tag insert"}


def test_a_constraint_that_is_not_valid_is_held_against_nobody(databases: Databases) -> None:
    check = migrations.RunSQL("ALTER TABLE shop_order ADD CONSTRAINT c CHECK (number > 3) NOT VALID")
    found = deploy(databases, check, tables=["shop_order"])
    assert found.order == "not verified"
    assert reasons(found.old_code) == dict.fromkeys(
        order(*WRITE),
        'whether code writes such rows is not known: new row for relation "shop_order" violates check constraint "c"',
    )


def test_a_trigger_is_held_against_nobody(databases: Databases) -> None:
    trigger = migrations.RunSQL(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'frozen'; END $$;"
        "CREATE TRIGGER t BEFORE UPDATE ON shop_tag FOR EACH ROW EXECUTE FUNCTION f()"
    )
    found = deploy(databases, trigger, tables=["shop_tag"])
    assert reasons(found.old_code) == {"Tag update": "whether code does this is not known: frozen"}


def test_rows_that_are_protected(databases: Databases) -> None:
    """A row that nothing refers to takes their place."""
    payment = migrations.CreateModel("Payment", [KEY, ("by", models.ForeignKey("shop.Customer", models.PROTECT))])
    rows = ROWS + "INSERT INTO shop_payment (by_id) SELECT id FROM shop_customer"
    found = deploy(
        databases,
        alter("name", models.CharField(max_length=20, blank=True), "customer"),
        base=[*SHOP, payment],
        rows=rows,
    )
    assert found.order == "any", found


def test_tables_without_rows(databases: Databases) -> None:
    change = add("price", models.IntegerField(default=0), "tag"), add("price", models.IntegerField(default=0))
    found = deploy(databases, *change, rows="")
    assert failing(found.old_code) == {"Tag insert"}
    nothing = "no row to try it with: NoValueError: customer has to refer to a row, and there is none"
    refused = f"no row to try it with: {next(iter(errors(found.old_code)))}"
    assert reasons(found.old_code) == {
        **dict.fromkeys(("Tag update", "Tag delete"), refused),
        **dict.fromkeys(order("insert", "update", "delete"), nothing),
    }


def test_values_that_are_made_up(databases: Databases) -> None:
    base = [kind(KEY, TEXT, ("n", models.DecimalField(max_digits=5, decimal_places=2)), ("day", models.DateField()))]
    found = deploy(databases, add("z", models.IntegerField(null=True), "kind"), base=base, rows="SELECT 1")
    assert not failing(found.old_code)
    assert not reasons(found.old_code)
    assert failing(found.new_code) == {"Kind select", "Kind insert"}


PLACE = migrations.CreateModel("Place", [KEY, ("name", models.TextField())])
LINK: "models.OneToOneField[Any, Any]" = models.OneToOneField(
    "shop.Place", models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False
)
BAR = migrations.CreateModel("Bar", [("place_ptr", LINK), ("beers", models.IntegerField())], bases=("shop.place",))
INHERITED = "INSERT INTO shop_place (name) VALUES ('a'), ('b'); INSERT INTO shop_bar VALUES (1, 3)"


def test_a_parents_columns_are_its_childrens(databases: Databases) -> None:
    found = deploy(databases, add("z", models.IntegerField(default=1), "place"), base=[PLACE, BAR], rows=INHERITED)
    assert failing(found.old_code) == {"Place insert", "Bar insert"}
    assert failing(found.new_code) == {f"{name} {action}" for name in ("Place", "Bar") for action in ("select", *WRITE)}


def test_a_childs_columns_are_its_own(databases: Databases) -> None:
    found = deploy(databases, add("z", models.IntegerField(default=1), "bar"), base=[PLACE, BAR], rows=INHERITED)
    assert failing(found.old_code) == {"Bar insert"}
    assert {one.model for one in found.old_code if one.action == "delete"} == {"shop.Bar", "shop.Place"}


class Fragile(models.TextField):  # type: ignore[type-arg]
    def get_prep_value(self, value: object) -> object:
        raise RuntimeError("no\nway")


class Json(models.TextField):  # type: ignore[type-arg]
    def from_db_value(self, value: str, *_: object) -> object:
        return json.loads(value)


def kind(*fields: "tuple[str, models.Field[Any, Any]]", **options: Any) -> Operation:
    return migrations.CreateModel("Kind", list(fields), options=options)


TEXT: "tuple[str, models.Field[Any, Any]]" = ("t", models.TextField())

KINDS: list[tuple[str, list[Operation], str]] = [
    ("uuid", [kind(("id", models.UUIDField(primary_key=True, default=uuid.uuid4)), TEXT)],
        "INSERT INTO shop_kind SELECT gen_random_uuid(), 't'"),
    ("natural key", [kind(("code", models.CharField(max_length=3, primary_key=True)))], "INSERT INTO shop_kind VALUES ('a')"),
    ("tree", [kind(KEY, ("parent", models.ForeignKey("shop.Kind", models.CASCADE)))],
        "INSERT INTO shop_kind (parent_id) VALUES (1), (1), (2), (3)"),
    ("identity", [kind(KEY, TEXT), migrations.RunSQL("ALTER TABLE shop_kind ALTER id SET GENERATED ALWAYS")],
        "INSERT INTO shop_kind (t) VALUES ('x')"),
    ("serial", [migrations.RunSQL("CREATE TABLE legacy (id serial PRIMARY KEY, t text)"),
        migrations.SeparateDatabaseAndState([], [kind(("id", models.AutoField(primary_key=True)), TEXT, db_table="legacy")])],
        "INSERT INTO legacy VALUES (7, 't')"),
    ("schema", [migrations.RunSQL("DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other"), kind(KEY, TEXT, db_table='other"."kind')],
        "INSERT INTO other.kind (t) VALUES ('x')"),
    ("deferred unique", [kind(KEY, ("n", models.IntegerField()), constraints=[models.UniqueConstraint(fields=["n"], name="u", deferrable=models.Deferrable.DEFERRED)])],
        "INSERT INTO shop_kind (n) VALUES (1), (2)"),
]  # fmt: skip
if django.VERSION >= (5, 2):
    KINDS += [
        ("composite key", [kind(("pk", models.CompositePrimaryKey("a", "b")), ("a", models.IntegerField()), ("b", models.IntegerField()), TEXT)],
            "INSERT INTO shop_kind VALUES (1, 1, 'x'), (1, 2, 'y')"),
        ("generated", [kind(KEY, TEXT, ("upper", models.GeneratedField(expression=Upper("t"), output_field=models.TextField(), db_persist=True)))],
            "INSERT INTO shop_kind (t) VALUES ('x')"),
    ]  # fmt: skip


@pytest.mark.parametrize(("base", "rows"), [pytest.param(*given, id=name) for name, *given in KINDS])
def test_kinds_of_models(databases: Databases, base: Sequence[Operation], rows: str) -> None:
    found = deploy(databases, add("z", models.IntegerField(null=True), "kind"), base=base, rows=rows)
    assert {one.action for one in found.old_code} == set(ACTIONS)
    assert failing(found.old_code) == set(), found
    assert failing(found.new_code) == {"Kind select", "Kind insert", "Kind update"}
    assert not reasons([*found.old_code, *found.new_code])


def test_an_unmanaged_model_that_has_a_table(databases: Databases) -> None:
    base = [
        migrations.RunSQL("CREATE TABLE legacy (id bigint PRIMARY KEY, t text)"),
        kind(KEY, TEXT, managed=False, db_table="legacy"),
    ]
    gone = migrations.RunSQL("ALTER TABLE legacy DROP t")
    found = deploy(databases, gone, base=base, rows="INSERT INTO legacy VALUES (1, 'x')", tables=["legacy"])
    assert failing(found.old_code) == {"Kind select", "Kind insert", "Kind update"}


def test_a_field_that_cannot_be_written_at_all(databases: Databases) -> None:
    base, rows = [kind(KEY, ("t", Fragile()))], "INSERT INTO shop_kind (t) VALUES ('x')"
    found = deploy(databases, add("z", models.IntegerField(null=True), "kind"), base=base, rows=rows)
    assert reasons(found.old_code) == dict.fromkeys(
        ("Kind insert", "Kind update"), "on the schema of its own release, too: RuntimeError: no"
    )


def test_values_that_old_code_cannot_read(databases: Databases) -> None:
    base, rows = [kind(KEY, ("t", Json()))], "INSERT INTO shop_kind (t) VALUES ('{}')"
    change = alter("t", models.TextField(), "kind"), migrations.RunSQL("UPDATE shop_kind SET t = 'plain'")
    found = deploy(databases, *change, base=base, rows=rows)
    assert found.order == "code first"
    assert errors(found.old_code) == {"JSONDecodeError: Expecting value: line 1 column 1 (char 0)"}


def test_receivers_of_signals_are_not_asked(databases: Databases) -> None:
    def refuse(**_: object) -> None:
        raise AssertionError

    for signal in (pre_save, pre_delete, post_init):
        signal.connect(refuse)
    try:
        assert deploy(databases, add("price", models.IntegerField(null=True))).order == "migrate first"
        assert pre_save.has_listeners(models.Model)
    finally:
        for signal in (pre_save, pre_delete, post_init):
            signal.disconnect(refuse)


def test_a_timeout_says_nothing_of_the_code(databases: Databases) -> None:
    slow = migrations.RunSQL(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(9); RETURN new; END $$;"
        "CREATE TRIGGER t BEFORE INSERT ON shop_tag FOR EACH ROW EXECUTE FUNCTION f()"
    )
    for connection in databases:
        execute(connection, "SET statement_timeout = '100ms'")
    found = deploy(databases, slow, tables=["shop_tag"])
    for connection in databases:
        execute(connection, "RESET statement_timeout")
    assert reasons(found.old_code) == {"Tag insert": "canceling statement due to statement timeout"}
    assert found.order == "not verified"


@pytest.mark.parametrize("postgres", [major for major in (14, 18) if major in MAJORS], indirect=True)
def test_on_other_versions(postgres: Server, tmp_path: Path) -> None:
    with opened(postgres, tmp_path) as databases:
        found = deploy(databases, add("price", models.IntegerField(default=0)))
        assert failing(found.old_code) == order("insert")
        assert failing(found.new_code) == order("select", *WRITE)
        assert deploy(databases, alter("state", models.CharField(max_length=9, default="new"))).order == "code first"
        assert deploy(databases, migrations.AlterModelOptions("order", {"verbose_name": "sale"})).order == "any"


@pytest.fixture
def clerk(databases: Databases) -> Iterator[Databases]:
    """The role of both connections is no superuser, but owns what there is."""
    execute(databases[0], "CREATE ROLE probing_clerk")
    for connection in databases:
        name = connection.settings_dict["NAME"]
        execute(connection, f"ALTER DATABASE {name} OWNER TO probing_clerk; ALTER SCHEMA public OWNER TO probing_clerk")
        execute(connection, "DROP SCHEMA public CASCADE; SET ROLE probing_clerk; CREATE SCHEMA public")
    yield databases
    for connection in databases:
        name = connection.settings_dict["NAME"]
        execute(connection, f"RESET ROLE; ALTER DATABASE {name} OWNER TO postgres; DROP OWNED BY probing_clerk CASCADE")
        execute(connection, "CREATE SCHEMA public")
    execute(databases[0], "DROP ROLE probing_clerk")


def test_without_the_rights_of_a_superuser(clerk: Databases) -> None:
    found = deploy(clerk, add("price", models.IntegerField(null=True)))
    assert found.order == "migrate first"
    assert not reasons([*found.old_code, *found.new_code])
