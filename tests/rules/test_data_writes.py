"""What data migrations do to rows: MS501 to MS507, MS512 and MS513."""

import psycopg
import pytest

from migsafe.model import Axis, Severity
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario, fixed
from tests.conftest import each_major
from tests.rules.data import CUSTOMER, RUN, check, codes, function, shop

NEW = """migrations.CreateModel("Parcel", [
    ("id", models.BigAutoField(primary_key=True)),
    ("order", models.ForeignKey("shop.Order", models.CASCADE)),
])"""
ADD = 'migrations.AddField("order", "state", models.TextField(null=True))'

AT_ONCE = {
    "all": ('Order.objects.update(status="new")', "updates all rows of"),
    "all()": ('Order.objects.all().update(status="new")', "updates all rows of"),
    "delete": ("Line.objects.all().delete()", "deletes all rows of"),
    "unfilled": ("Order.objects.filter(total=None, number__gt=1).update(total=0)", "fills total of all rows of"),
    "isnull": ("Order.objects.filter(total__isnull=True).update(total=0)", "fills total of all rows of"),
    "named": ("rows = Order.objects.order_by('pk')\nrows.update(number=1)", "updates all rows of"),
    "cursor": (
        'with schema_editor.connection.cursor() as c:\n    c.execute("UPDATE shop_order SET number = 1")',
        "changes all rows of",
    ),
    "editor": ('schema_editor.execute("DELETE FROM shop_line")', "deletes all rows of"),
}


@pytest.mark.parametrize(("body", "what"), AT_ONCE.values(), ids=AT_ONCE.keys())
@pytest.mark.parametrize("atomic", [True, False])
def test_whole_table_at_once(body: str, what: str, atomic: bool) -> None:
    (finding,) = check(body, atomic=atomic)
    assert (finding.code, finding.severity, finding.axis) == ("MS502", Severity.WARNING, Axis.DATA)
    assert finding.message.startswith(f"fill() {what} shop_")


def test_whole_table_message_and_fix() -> None:
    (finding,) = check("Order.objects.filter(total=None).update(total=models.F('number') * 2)")
    assert finding.message == "fill() fills total of all rows of shop_order in one statement"
    assert "    while pks:\n        rows.filter(pk__in=pks).update(total=models.F('number') * 2)" in finding.fix
    assert shop.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("UPDATE shop_order SET number = 1", "UPDATE changes all rows of shop_order in one statement"),
        ("DELETE FROM shop_line", "DELETE deletes all rows of shop_line in one statement"),
        (
            "UPDATE shop_order SET total = 0 WHERE number > 1 AND total IS NULL",
            "UPDATE fills total of all rows of shop_order in one statement",
        ),
    ],
)
def test_whole_table_in_sql(sql: str, message: str) -> None:
    (finding,) = shop.check(f'migrations.RunSQL("{sql}", migrations.RunSQL.noop)')
    assert (finding.code, finding.message) == ("MS502", message)
    assert shop.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    ("sql", "some"),
    [
        (
            "UPDATE shop_order SET status = 'a rather long name of a status' WHERE status IS NULL;",
            "WHERE shop_order.id = ANY(%(keys)s)\n                  AND status IS NULL\n",
        ),
        ("UPDATE shop_order o SET number = 1 AND 2", "SET number = 1 AND 2 WHERE o.id = ANY(%(keys)s)"),
        ("UPDATE shop_order SET number = 1 FROM shop_line", "WHERE shop_order.id = ANY(%(keys)s)\n"),
        ("DELETE FROM shop_line", "DELETE FROM shop_line WHERE shop_line.id = ANY(%(keys)s)"),
        ("TRUNCATE shop_line", "DELETE FROM shop_line WHERE shop_line.id = ANY(%(keys)s)"),
        (r"UPDATE shop_order SET status = '50%\d'", r"SET status = E'50%%\\d'"),
    ],
)
def test_whole_table_in_sql_in_batches(sql: str, some: str) -> None:
    (finding,) = shop.check(f"migrations.RunSQL({sql!r}, migrations.RunSQL.noop)")
    assert some in finding.fix
    assert shop.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE shop_order SET number = number + 1", "since it makes values of what they were before"),
        ("UPDATE shop_order SET number = (SELECT max(number) FROM shop_order)", "since it reads other rows"),
    ],
)
def test_what_would_do_something_else_in_batches_is_told(sql: str, why: str) -> None:
    (finding,) = shop.check(f"migrations.RunSQL({sql!r}, migrations.RunSQL.noop)")
    assert why in finding.fix


@pytest.mark.parametrize(
    "body",
    [
        'Order.objects.filter(number=1).update(status="new")',
        "Order.objects.filter(total=None).update(number=1)",
        'Order.objects.filter(status="").update(status=None)',
        "Line.objects.filter(text='x').delete()",
        "Customer.objects.first().orders.update(number=1)",
        "list(Order.objects.all())",
        'schema_editor.execute("UPDATE shop_order SET number = 1 WHERE id = 4")',
        "Tag.objects.none",
    ],
)
def test_quiet_for_some_rows(body: str) -> None:
    assert check(body) == ()


def test_quiet_for_a_new_table() -> None:
    body = 'Parcel = apps.get_model("shop", "Parcel")\nParcel.objects.update(order=1)\nfor p in Parcel.objects.all(): p.save()'
    assert check(body, NEW, RUN) == ()
    assert shop.check(Migration(NEW), Migration(RUN, code=function(body)), together=True) == ()


LOOPS = {
    "save": ("for order in Order.objects.all():\n    order.number = 1\n    order.save()", "saves"),
    "iterator": ("for order in Order.objects.filter(number=1).iterator():\n    order.save()", "saves"),
    "listed": ("for order in list(Order.objects.all()):\n    order.save(update_fields=['number'])", "saves"),
    "delete": ("for order in Order.objects.all():\n    order.delete()", "deletes"),
    "update": ("for order in Order.objects.all():\n    Order.objects.filter(pk=order.pk).update(number=2)", "updates"),
    "comprehension": ("[order.save() for order in Order.objects.all()]", "saves"),
    "enumerated": ("for n, order in enumerate(Order.objects.all()):\n    order.save()", "saves"),
    "helper": ("for order in Order.objects.all():\n    helper(order)", "saves"),
    "related": ("for order in Customer.objects.get(pk=1).orders.all():\n    order.save()", "saves"),
    "batches": ("while rows := list(Order.objects.all()[:9]):\n    for order in rows:\n        order.save()", "saves"),
}


@pytest.mark.parametrize(("body", "does"), LOOPS.values(), ids=LOOPS.keys())
def test_row_by_row(body: str, does: str) -> None:
    (finding,) = check(body, code="def helper(order):\n    order.save()")
    assert (finding.code, finding.severity, finding.axis) == ("MS503", Severity.WARNING, Axis.DATA)
    assert f"{does} the rows of shop_order one by one" in finding.message


def test_row_by_row_message_and_fix() -> None:
    body = """
        rate = 2
        for order in Order.objects.filter(number=1):
            if order.total:
                order.total = order.total * rate
            order.save()
    """
    (finding,) = check(body)
    assert finding.message == "fill() saves the rows of shop_order one by one"
    assert "stays locked until the last one is" in finding.why
    assert 'rows.model.objects.bulk_update(batch, ["total"])' in finding.fix
    assert "rate = 2" in finding.fix
    assert shop.check(*fixed(finding)) == ()
    (alone,) = check(body, atomic=False)
    assert "locked" not in alone.why


def test_row_by_row_fix_keeps_the_database_and_what_is_set_inside_a_field() -> None:
    body = """
        alias = schema_editor.connection.alias
        for order in Order.objects.using(alias).all():
            order.data["seen"]["by"] = []
            order.save(using=alias)
    """
    (finding,) = check(body)
    assert 'rows.model.objects.using(rows.db).bulk_update(batch, ["data"])' in finding.fix
    assert shop.check(*fixed(finding)) == ()


def test_row_by_row_fix_changes_the_rows() -> None:
    (finding,) = check("for order in Order.objects.all():\n    Order.objects.filter(pk=order.pk).update(number=2)")
    change = '    for row in batch:\n        row.number = ...\n    Order.objects.bulk_update(batch, ["number"])'
    assert change in finding.fix


@pytest.mark.parametrize(
    "body",
    [
        "order = Order.objects.first()\norder.save()",
        "for name in ('a', 'b'):\n    Customer.objects.create(name=name, email=name)",
        "for order in Order.objects.all():\n    print(order.number)",
        "for name in Order.objects.values_list('status', flat=True).distinct():\n"
        "    Order.objects.filter(status=name).update(number=1)",
        "for row in unknown():\n    row.save()",
        "Line.objects.bulk_create([Line(order=order) for order in Order.objects.all()], batch_size=1000)",
    ],
)
def test_quiet_where_rows_are_few_or_written_together(body: str) -> None:
    assert check(body, code="def unknown(): return []") == ()


BATCHES = {
    "bulk_update": "rows = list(Order.objects.all())\nOrder.objects.bulk_update(rows, ['number'], batch_size=100)",
    "ranges": "for first in range(0, 9000, 100):\n"
    "    Order.objects.filter(pk__gte=first, pk__lt=first + 100).update(number=1)",
    "keys": "while keys := list(Order.objects.values_list('pk', flat=True)[:9]):\n"
    "    Order.objects.filter(pk__in=keys).delete()",
}


@pytest.mark.parametrize("body", BATCHES.values(), ids=BATCHES.keys())
def test_batches_in_one_transaction(body: str) -> None:
    (finding,) = check(body)
    assert (finding.code, finding.severity, finding.axis) == ("MS504", Severity.WARNING, Axis.DATA)
    assert finding.message == "fill() writes shop_order in batches, but all of them in one transaction"
    assert check(body, atomic=False) == ()


def test_code_under_a_lock() -> None:
    (finding,) = check("Order.objects.filter(number=1).update(state=1)", ADD, RUN)
    assert (finding.code, finding.severity) == ("MS601", Severity.WARNING)
    assert finding.message == "fill() runs while the migration holds ACCESS EXCLUSIVE on shop_order"
    assert [(one.code, one.severity) for one in check("Order.objects.update(state=1)", ADD, RUN)] == [
        ("MS502", Severity.WARNING),
        ("MS601", Severity.ERROR),
    ]


def test_code_that_only_sets_takes_no_time_under_a_lock() -> None:
    flush = 'def fill(apps, schema_editor):\n    schema_editor.execute("{}")'
    assert shop.check(ADD, RUN, code=flush.format("SET CONSTRAINTS ALL IMMEDIATE")) == ()
    assert codes(shop.check(ADD, RUN, code=flush.format("ANALYZE shop_line"))) == ["MS601"]


def test_altered_after_its_rows() -> None:
    body = "Order.objects.filter(number=1).update(total=1)"
    (finding,) = check(body, RUN, ADD)
    assert (finding.code, finding.severity) == ("MS506", Severity.WARNING)
    assert finding.message == "AddField waits for its lock on shop_order while rows that fill() has changed are locked"
    assert shop.check(*fixed(finding)) == ()
    assert check(body, RUN, ADD.replace('"order"', '"line"')) == ()


def test_a_table_that_is_locked_already_is_not_waited_for_again() -> None:
    body = "Order.objects.filter(number=1).update(total=1)"
    assert codes(check(body, ADD, RUN, ADD.replace("state", "region"))) == ["MS601"]
    other = ADD.replace('"order"', '"line"')
    assert codes(check(body, other, RUN, ADD)) == ["MS601", "MS506", "MS602"]


PENDING = {
    "insert": "Order.objects.create(number=1)",
    "bulk insert": "Order.objects.bulk_create([Order(number=1)])",
    "another key": "Order.objects.filter(number=1).update(customer=2)",
    "delete": "Order.objects.filter(number=1).delete()",
}


@pytest.mark.parametrize("body", PENDING.values(), ids=PENDING.keys())
def test_pending_trigger_events(body: str) -> None:
    (finding,) = check(body, RUN, ADD)
    assert (finding.code, finding.severity, finding.axis) == ("MS505", Severity.ERROR, Axis.DATA)
    assert finding.message.startswith("ALTER TABLE shop_order fails as soon as fill() has ")
    assert finding.operation == 1
    assert shop.check(*fixed(finding)) == ()
    assert check(body, RUN, ADD, atomic=False) == ()


@pytest.mark.parametrize(
    "body",
    [
        "Order.objects.filter(number=1).update(customer=None)",
        "Order.objects.create(number=1)\nschema_editor.execute('SET CONSTRAINTS ALL IMMEDIATE')",
        "Tag.objects.create()",
    ],
)
def test_no_pending_trigger_events(body: str) -> None:
    assert "MS505" not in codes(check(body, RUN, ADD))


def test_nothing_is_pending_for_a_key_that_is_added_beside_the_code() -> None:
    # Django sets such a key IMMEDIATE for the rest of the transaction.
    add = 'migrations.AddField("line", "payer", models.ForeignKey("crm.Customer", models.CASCADE, null=True))'
    assert "MS505" not in codes(check("Line.objects.filter(text='').update(payer=1)", add, RUN))


SCHEMA = """
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE shop_order (id int PRIMARY KEY, number int, customer_id int
    CONSTRAINT fk REFERENCES customer DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE line (order_id int CONSTRAINT fk_line REFERENCES shop_order DEFERRABLE INITIALLY DEFERRED);
INSERT INTO customer VALUES (1), (2);
INSERT INTO shop_order VALUES (1, 1, 1), (2, 1, NULL);
"""
REFUSED = ["ALTER TABLE shop_order ADD x int", "CREATE INDEX ON shop_order (number)", "DROP TABLE shop_order CASCADE"]
REFUSED += ["TRUNCATE shop_order CASCADE", "ALTER TABLE shop_order ALTER number SET NOT NULL"]
CARRIED_OUT = ["ALTER TABLE shop_order RENAME number TO n", "ALTER TABLE shop_order RENAME CONSTRAINT fk TO key"]
LEAVES_CHECKS = ["INSERT INTO shop_order VALUES (3, 1, NULL)", "UPDATE shop_order SET customer_id = 2"]
LEAVES_CHECKS += ["DELETE FROM shop_order"]
LEAVES_NONE = ["UPDATE shop_order SET number = 2", "UPDATE shop_order SET customer_id = NULL"]
LEAVES_NONE += [f"SET CONSTRAINTS ALL IMMEDIATE; {sql}" for sql in LEAVES_CHECKS[:2]]


@each_major
def test_pending_trigger_events_as_servers_have_them(postgres: Server, connection: psycopg.Connection) -> None:
    connection.execute(SCHEMA)

    def is_refused(change: str, alter: str) -> bool:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(change)
                connection.execute(alter)
        except psycopg.errors.ObjectInUse:  # pending trigger events
            return True
        return False

    assert all(is_refused(change, alter) for change in LEAVES_CHECKS for alter in REFUSED)
    assert not any(is_refused(change, alter) for change in LEAVES_CHECKS for alter in CARRIED_OUT)
    assert not any(is_refused(change, alter) for change in LEAVES_NONE for alter in REFUSED)


TODAY = """
class Order(models.Model):
    number = models.IntegerField()
"""


def test_model_of_today() -> None:
    project = Scenario(*shop.before, files={"shop/models.py": f"from django.db import models\n{TODAY}"})
    (finding,) = project.check(
        RUN, code="from shop.models import Order\n\ndef fill(apps, editor):\n    Order.objects.filter(number=1).first()"
    )
    assert (finding.code, finding.severity, finding.axis) == ("MS507", Severity.WARNING, Axis.DATA)
    assert finding.message == "fill() uses the model shop.Order as the code has it today"
    assert finding.fix.startswith("Take it from the registry that the function is given:\n")
    assert 'Order = apps.get_model("shop", "Order")' in finding.fix
    helper = "def count():\n    return Order.objects.count()\n\ndef fill(apps, editor):\n    count()"
    (finding,) = project.check(RUN, code=f"from shop.models import Order\n\n{helper}")
    assert finding.fix.startswith("Take it from the registry that fill() is given, and hands on:\n")
    for code in (
        "def fill(apps, editor):\n    from shop.models import Order\n    Order(number=1).save()",
        "def fill(apps, editor):\n    from shop import models as m\n    m.Order._default_manager.first()",
        "from django.apps import apps as now\n\ndef fill(apps, editor):\n    now.get_model('shop', 'Order')",
    ):
        assert codes(project.check(RUN, code=code)) == ["MS507"]
    unused = "from shop.models import Order\n\ndef fill(apps, editor):\n    Order = apps.get_model('shop', 'Order')\n"
    assert project.check(RUN, code=f"{unused}    Order.objects.first()") == ()


def test_the_user_model_of_today() -> None:
    code = "from django.contrib.auth import get_user_model"
    (finding,) = check("get_user_model().objects.first()", code=code)
    assert (finding.code, finding.message) == ("MS507", "fill() uses the user model as the code has it today")
    assert "User = apps.get_model(settings.AUTH_USER_MODEL)" in finding.fix


def test_fixtures_use_models_of_today() -> None:
    (finding,) = check("call_command('loaddata', 'start')", code="from django.core.management import call_command")
    assert finding.code == "MS507"
    assert "the models that call_command('loaddata', 'start') fills" in finding.message
    assert check("call_command('check')", code="from django.core.management import call_command") == ()


TWO = {name: {"ENGINE": "django.db.backends.postgresql", "NAME": name} for name in ("default", "archive")}


def test_database_that_is_not_asked_for() -> None:
    project = Scenario(Migration(CUSTOMER), settings={"DATABASES": TWO})
    body = "    apps.get_model('shop', 'Customer').objects{}.filter(name='').update(email='')"
    code = f"def fill(apps, schema_editor):\n{body}"
    (finding,) = project.check(RUN, code=code.format(""))
    assert (finding.code, finding.severity) == ("MS512", Severity.WARNING)
    assert finding.message == "fill() uses the default database, whichever one is migrated"
    assert project.check(RUN, code=code.format(".using(schema_editor.connection.alias)")) == ()
    guarded = f"def fill(apps, schema_editor):\n    if schema_editor.connection.alias != 'default': return\n{body}"
    assert project.check(RUN, code=guarded.format("")) == ()
    replica = {**TWO, "archive": {**TWO["archive"], "NAME": "default", "HOST": "replica"}}
    assert Scenario(Migration(CUSTOMER), settings={"DATABASES": replica}).check(RUN, code=code.format("")) == ()


@pytest.mark.parametrize("query", ["first()", "create(name='x')", "filter(name='').delete()"])
def test_every_query_has_to_ask_for_the_database(query: str) -> None:
    project = Scenario(Migration(CUSTOMER), settings={"DATABASES": TWO})
    code = f"def fill(apps, schema_editor):\n    apps.get_model('shop', 'Customer').objects{{}}.{query}"
    assert "MS512" in codes(project.check(RUN, code=code.format("")))
    assert "MS512" not in codes(project.check(RUN, code=code.format(".using(schema_editor.connection.alias)")))
    assert "MS512" not in codes(Scenario(Migration(CUSTOMER)).check(RUN, code=code.format("")))


def test_elidable() -> None:
    run = "migrations.RunPython(fill, migrations.RunPython.noop)"
    (finding,) = check("Order.objects.filter(number=1).update(total=1)", run)
    assert (finding.code, finding.severity) == ("MS513", Severity.INFO)
    assert finding.message == "RunPython(fill) only changes rows that exist, and is not elidable"
    assert "migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)," in finding.fix
    assert check("Customer.objects.get_or_create(email='x')", run) == ()
    assert check("print(Order.objects.count())", run) == ()
    decided = "migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)"
    assert check("Order.objects.filter(number=1).update(total=1)", decided) == ()
    assert (
        check(
            "Order.objects.filter(number=1).update(total=1)\noutside(apps)",
            run,
            code="outside = print",
        )
        == ()
    )


@pytest.mark.parametrize(
    "body", ["Order.objects.filter(number=1).delete()", "order = Order.objects.first()\norder.total = 1\norder.save()"]
)
def test_elidable_whatever_changes_the_rows(body: str) -> None:
    run = "migrations.RunPython(fill, migrations.RunPython.noop{})"
    assert codes(check(body, run.format(""))) == ["MS513"]
    assert check(body, run.format(", elidable=True")) == ()


def test_small_tables_are_worth_knowing() -> None:
    project = Scenario(*shop.before, files={"migsafe.toml": '[tables]\nshop_order = "small"\n'})
    (finding,) = project.check(RUN, code=function("Order.objects.update(number=1)"))
    assert (finding.code, finding.severity) == ("MS502", Severity.INFO)
