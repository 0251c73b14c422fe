"""Python code over whole tables, in batches that may be stopped and run again."""

from textwrap import dedent

import pytest

from migsafe.plan.parts import functions
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
        ("spent", models.IntegerField(null=True)),
    ])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("customer", models.ForeignKey("shop.Customer", models.CASCADE, related_name="orders")),
        ("total", models.IntegerField()),
        ("note", models.CharField(max_length=100, null=True)),
        ("parent", models.ForeignKey("shop.Order", models.SET_NULL, null=True)),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer (email, spent) SELECT ' A' || n || ' ', NULLIF(n % 2, 0) FROM generate_series(1, 120) n;
    INSERT INTO shop_order (customer_id, total) SELECT 1 + n % 120, n FROM generate_series(1, 120) n
"""
RUN = "migrations.RunPython(fill)"


def code(body: str) -> str:
    function = """
        from django.db.models import Sum

        def fill(apps, schema_editor):
            Customer = apps.get_model("shop", "Customer")
            Order = apps.get_model("shop", "Order")
    """
    return dedent(function) + "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())


LOOP = """
    spent = Sum("orders__total", filter=Q(orders__total__gt=2), default=0)
    for customer in Customer.objects.annotate(sum=spent):
        # What was bought.
        customer.spent = customer.sum
        if customer.spent < 3:
            continue
        customer.email = customer.email.strip().lower()
        customer.save()
"""
IN_BATCHES = """\
def fill(apps, schema_editor):
    Customer = apps.get_model("shop", "Customer")
    Order = apps.get_model("shop", "Order")
    spent = Sum("orders__total", filter=Q(orders__total__gt=2), default=0)
    rows = Customer.objects.annotate(sum=spent)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        with transaction.atomic(using=rows.db):
            # Locked, so that nothing is lost that others write between reading and saving.
            list(rows.model._base_manager.using(rows.db).filter(pk__in=keys).select_for_update().values_list("pk"))
            changed = []
            for customer in rows.filter(pk__in=keys):
                # What was bought.
                customer.spent = customer.sum
                if customer.spent < 3:
                    continue
                customer.email = customer.email.strip().lower()
                changed.append(customer)
            rows.model._base_manager.using(rows.db).bulk_update(changed, ["spent", "email"], batch_size=100)
        done += len(keys)
        logger.info("fill: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")
"""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "SIZE", 50)


def test_loop_that_saves() -> None:
    """The author's lines stay; the rest is what carries them out a batch at a time."""
    (deploy,) = shop.plan(RUN, code=code(LOOP)).plan.deploys
    (migration,) = deploy.migrations
    assert deploy.kinds == ("backfill",)
    assert IN_BATCHES in migration.source
    assert migration.source.count("def fill") == 1
    assert "RunPython(fill, reverse_code=migrations.RunPython.noop)" in migration.source


@pytest.mark.parametrize(
    "body",
    [
        LOOP,
        "Customer.objects.filter(spent=None).update(spent=7, email='x')",
        "Order.objects.all().delete()",
        """
        for order in Order.objects.all().iterator():
            if not order.note:
                order.note = str(order.total)
                order.save(update_fields=["note"])
        Customer.objects.update(
            spent=F("id") + 1,
        )
        """,
        """
        for order in Order.objects.filter(total__gt=5):
            if order.total % 2:
                order.delete()
        """,
    ],
)
@pytest.mark.usefixtures("small_batches")
def test_what_is_the_same_in_batches(body: str, postgres: Server) -> None:
    prove(shop, RUN, code=code(body), server=postgres, rows=ROWS)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Order.objects.update(total=F('total') * 100)", "makes total of what it was before"),
        (
            """
            number = 0
            for order in Order.objects.all():
                number += 1
                order.total = number
                order.save()
            """,
            "hands number on from row to row",
        ),
        (
            """
            for order in Order.objects.all():
                order.total += 1
                order.save()
            """,
            "changes order.total twice",
        ),
        (
            """
            for order in Order.objects.order_by("-total"):
                order.note = "x"
                order.save()
            """,
            "has an order or a limit of its own",
        ),
        (
            """
            for order in Order.objects.all():
                order.note = order.parent.total
                order.save()
            """,
            "reads other rows of shop.Order",
        ),
        (
            """
            for order in Order.objects.all():
                if not Order.objects.filter(total=3).exists():
                    order.note = "x"
                order.save()
            """,
            "asks for other rows of shop.Order",
        ),
        (
            """
            for order in Order.objects.all():
                order.note = "x"
                order.save()
                if order.total > 5:
                    break
            """,
            "may end before the last row",
        ),
        (
            """
            for order in Order.objects.all():
                order.customer.spent = order.total
                order.customer.save()
            """,
            "saves other rows than it goes through",
        ),
        (
            """
            for total, order in enumerate(Order.objects.order_by("note")):
                order.total = total
                order.save()
            """,
            "saves rows, but not in a loop over those of one query",
        ),
        (
            """
            Order.objects.filter(note="b").update(note="c")
            Order.objects.filter(note="a").update(note="b")
            Order.objects.update(total=1)
            """,
            "makes note of what it was before",
        ),
        (
            """
            for order in Order.objects.all():
                order.note = helper(order)
                order.save()
            """,
            "hands order to helper()",
        ),
    ],
)
def test_what_may_not_be_the_same_is_left(body: str, why: str) -> None:
    report = shop.plan(RUN, code=code(body))
    (unsolved,) = report.plan.unsolved
    assert why in unsolved.why
    assert "while keys := list(" in unsolved.instead
    (migration,) = report.plan.deploys[0].migrations
    assert migration.original


def test_code_beside_a_change_of_the_schema_gets_a_migration_of_its_own(postgres: Server) -> None:
    change = 'migrations.AddField("order", "paid", models.BooleanField(null=True))'
    body = code("Order.objects.filter(pk=1).update(note='x')")
    proved = prove(shop, change, RUN, code=body, server=postgres, rows=ROWS)
    assert [len(deploy.migrations) for deploy in proved.plan.deploys] == [1, 1]


def test_rows_of_inherited_models_are_locked_in_all_their_tables() -> None:
    """Without the columns of its parent, a query of a child locks no row of the parent."""
    child = """migrations.CreateModel("Gift", [
        ("order_ptr", models.OneToOneField(
            "shop.Order", models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False
        )),
        ("worth", models.IntegerField(null=True)),
    ], bases=("shop.order",))"""
    code = """
def fill(apps, schema_editor):
    for gift in apps.get_model("shop", "Gift").objects.all():
        gift.worth = gift.total
        gift.save()
"""
    order = """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)), ("total", models.IntegerField()),
    ])"""
    report = Scenario(order, child).plan("migrations.RunPython(fill, migrations.RunPython.noop)", code=code)
    assert not report.plan.unsolved
    (step,) = report.plan.deploys[0].migrations
    assert ".select_for_update().values_list())" in step.source
