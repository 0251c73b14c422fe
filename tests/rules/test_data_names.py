"""Names that historical models have and do not have: MS508, MS509, MS510, MS511."""

import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, Scenario
from tests.rules.data import CUSTOMER, ORDER, RUN, check, codes, function, shop

MISSING = {
    "filter": ('Order.objects.filter(state="new").count()', "Order.state"),
    "lookup": ('Order.objects.filter(status__like="new").count()', "Order.status__like"),
    "behind a relation": ('Order.objects.filter(customer__mail="x").count()', "Customer.mail"),
    "behind a relation back": ("Order.objects.filter(line__note=None).count()", "Line.note"),
    "values": ('list(Order.objects.values_list("state", flat=True))', "Order.state"),
    "order_by": ('Order.objects.order_by("-state").first()', "Order.state"),
    "update": ('Order.objects.filter(pk=1).update(state="new")', "Order.state"),
    "F": ('Order.objects.filter(total=models.F("sum")).count()', "Order.sum"),
    "Q": ('Order.objects.filter(models.Q(number=1) | ~models.Q(state="x")).count()', "Order.state"),
    "aggregate": ('Order.objects.annotate(all=models.Sum("line__price")).count()', "Line.price"),
    "create": ("Line.objects.create(order_id=1, price=2)", "Line.price"),
    "constructor": ("Line(order_id=1, price=2)", "Line.price"),
    "defaults": ('Customer.objects.get_or_create(email="x", defaults={"phone": 1})', "Customer.phone"),
    "bulk_update": ('Order.objects.bulk_update([], ["state"])', "Order.state"),
    "instance": ("print(Order.objects.get(pk=1).state)", "Order.state"),
    "loop": ("[print(order.customer.phone) for order in Order.objects.all()]", "Customer.phone"),
    "relation back": ("print(Customer.objects.get(pk=1).orders.first().state)", "Order.state"),
    "method": ("for order in Order.objects.all():\n    order.pay()", "Order.pay"),
    "constant": ("Order.objects.filter(status=Order.PAID).count()", "Order.PAID"),
    "manager": ("Order.objects.paid().count()", "Order.objects.paid"),
    "queryset": ("Order.objects.filter(number=1).paid()", "Order.QuerySet.paid"),
    "set": ("order = Order.objects.get(pk=1)\norder.state = 1\norder.save()", "Order.state"),
    "get_field": ('Order._meta.get_field("state")', "Order.state"),
    "helper": ("helper(Order.objects.all())", "Order.weight"),
    "nested": ("def show(order):\n    print(order.state)\nshow(Order.objects.first())", "Order.state"),
    "unrolled": ("for model in (Order, Line):\n    model.objects.filter(text=1).count()", "Order.text"),
}


@pytest.mark.parametrize(("body", "name"), MISSING.values(), ids=MISSING.keys())
def test_missing(body: str, name: str) -> None:
    helper = "def helper(orders):\n    for each in orders.iterator():\n        print(each.weight)\n"
    (finding,) = check(body, code=helper, atomic=False)
    assert (finding.code, finding.severity, finding.axis) == ("MS509", Severity.ERROR, Axis.DATA)
    assert f" {name}, which does not exist" in finding.message


def test_message_and_line() -> None:
    (finding,) = check('\nOrder.objects.filter(state="new").count()')
    assert finding.message == "fill() uses Order.state, which does not exist at this point of the history"
    assert finding.fix == "Did you mean `status`?"
    assert finding.line is not None
    (moved,) = check('\n\n\n\nOrder.objects.filter(state="new").count()', code="\n\n")
    assert moved.line != finding.line
    assert moved.fingerprint == finding.fingerprint


PRESENT = {
    "lookups": 'Order.objects.filter(status__in=["x"], placed__date__gte="x", data__any__thing=1, pk__lt=4)',
    "relations": "Order.objects.filter(customer__email__iexact=1, customer_id__in=[1], customer__isnull=True)",
    "relations back": "Customer.objects.filter(orders__line__text=1, orders__tags__id=2, orders__tags__orders=3)",
    "annotation": 'Order.objects.annotate(n=models.Count("line")).filter(n__gt=1).order_by("-n").values("n", "pk")',
    "default alias": 'Order.objects.annotate(models.Count("line")).filter(line__count__gt=1).first().line__count',
    "unpacked annotation": 'Order.objects.annotate(**{"n": models.Count("line")}).filter(n=1).first().n',
    "alias in update": 'Order.objects.alias(n=models.F("number")).filter(pk=1).update(total=models.F("n"))',
    "instance": "order = Order.objects.get(pk=1)\nprint(order.get_status_display(), order.customer_id, order.pk, order.tags)",
    "instance back": "Order.objects.first().line_set.filter(text=1)\nCustomer.objects.first().orders.all()[0].customer.email",
    "own attribute": "for order in Order.objects.all():\n    order.seen = 1\n    print(order.seen)",
    "random": 'Order.objects.order_by("?").first()',
    "exceptions": "try:\n    Order.objects.get(pk=1)\nexcept Order.DoesNotExist:\n    pass",
    "through": 'apps.get_model("shop", "Tag_orders").objects.count()\nTag.orders.through.objects.count()',
    "put together": 'name = "sta" + "te"\nOrder.objects.filter(**{name: 1})\ngetattr(Order.objects.first(), name)',
    "subquery": 'Line.objects.filter(order=models.Subquery(Order.objects.filter(customer=models.OuterRef("x")).values("pk")))',
    "caught": "try:\n    print(Order.objects.first().state)\nexcept AttributeError:\n    pass",
    "caught and left": 'try:\n    Old = apps.get_model("shop", "Old")\nexcept LookupError:\n    return\nOld.objects.first().x',
    "asked": 'order = Order.objects.first()\nif hasattr(order, "state"):\n    print(order.state)',
    "reassigned": "Order = object()\nOrder.whatever",
    "either": "row = Order.objects.first() if apps else Line.objects.first()\nprint(row.text)",
    "list": "rows = list(Order.objects.all())\nrows.append(1)\nrows.sort()",
    "grouped": "Order.objects.extra(select={'x': '1'}).first()",
    "natural": "Order.objects.in_bulk([1])[1].whatever",
}


@pytest.mark.parametrize("body", PRESENT.values(), ids=PRESENT.keys())
def test_quiet(body: str) -> None:
    assert check(body) == ()


def test_quiet_where_a_field_of_another_package_may_add_more() -> None:
    adds = """
    class Money(models.DecimalField):
        def contribute_to_class(self, cls, name, **options):
            super().contribute_to_class(cls, name, **options)
            models.TextField(null=True).contribute_to_class(cls, name + "_currency")
    """
    field = 'migrations.AddField("order", "price", Money(max_digits=9, decimal_places=2, null=True))'
    before = Migration(field, code=adds)
    assert shop.check(before, Migration(RUN, code=function("print(Order.objects.first().price_currency)"))) == ()


def test_model_that_does_not_exist() -> None:
    (finding,) = check('apps.get_model("shop", "Orders").objects.first()')
    assert (finding.code, finding.severity) == ("MS508", Severity.ERROR)
    assert finding.message == (
        "fill() asks for the model shop.Orders, which does not exist at this point of the history"
    )
    assert 'apps.get_model("shop", "Order")' in finding.fix


def test_model_that_is_renamed_before_or_made_later() -> None:
    rename = 'migrations.RenameModel("Line", "Position")'
    use = 'migrations.RunPython(lambda apps, editor: apps.get_model("shop", "{}"), migrations.RunPython.noop)'
    assert "MS508" in codes(shop.check(rename, use.format("Line")))
    assert "MS508" in codes(shop.check(use.format("Position"), rename))
    assert "MS508" not in codes(shop.check(rename, use.format("Position")))
    assert "MS508" not in codes(shop.check(use.format("Line"), rename))


def test_field_is_there_in_the_operations_after_the_one_that_adds_it() -> None:
    add = 'migrations.AddField("order", "state", models.TextField(null=True))'
    code = function('Order.objects.filter(pk=1).update(state="x")')
    assert "MS509" not in codes(shop.check(add, RUN, code=code))
    assert "MS509" in codes(shop.check(RUN, add, code=code))


def test_dependency_that_is_missing() -> None:
    project = Scenario(
        Migration(CUSTOMER, app="crm"), Migration(ORDER.replace("crm.Customer", "shop.Order"), dependencies=())
    )
    use = "def fill(apps, editor):\n    apps.get_model('crm', 'Customer').objects.filter(email=1).count()\n"
    (finding,) = project.check(Migration(RUN, code=use, dependencies=[("shop", "0001_initial")]))
    assert (finding.code, finding.severity) == ("MS510", Severity.WARNING)
    assert finding.message == (
        "fill() uses crm.Customer, which crm.0001_initial makes, but the migration does not depend on that"
    )
    assert '("crm", "0001_initial"),' in finding.fix
    assert project.check(Migration(RUN, code=use)) == ()


def test_dependency_that_is_too_old_for_a_field() -> None:
    project = Scenario(
        Migration(CUSTOMER, app="crm"),
        Migration('migrations.AddField("customer", "phone", models.TextField(null=True))', app="crm"),
        Migration(ORDER),
    )
    use = "def fill(apps, editor):\n    apps.get_model('crm', 'Customer').objects.filter(phone=1).count()\n"
    old = [("shop", "0001_initial"), ("crm", "0001_initial")]
    project.before[2].dependencies = [("crm", "0001_initial")]
    (finding,) = project.check(Migration(RUN, code=use, dependencies=old))
    assert finding.message == (
        "fill() uses crm.Customer.phone, which crm.0002_change makes, but the migration does not depend on that"
    )
    # By way of another app it does.
    project.before[2].dependencies = [("crm", "0002_change")]
    assert project.check(Migration(RUN, code=use, dependencies=[("shop", "0001_initial")])) == ()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def fill(apps): pass", "fill(apps) does not work as code of RunPython: too many positional arguments"),
        ("def fill(): pass", "fill() does not work as code of RunPython: too many positional arguments"),
        (
            "def fill(apps, editor, using): pass",
            "fill(apps, editor, using) does not work as code of RunPython: missing a required argument: 'using'",
        ),
        (
            "def fill(apps, editor):\n    yield 1",
            "fill(apps, editor) does not work as code of RunPython: it has a yield, so calling it runs nothing of it",
        ),
        (
            "async def fill(apps, editor): pass",
            "fill(apps, editor) does not work as code of RunPython: it is a coroutine, which nobody awaits",
        ),
    ],
)
def test_function_that_cannot_be_called(code: str, message: str) -> None:
    (finding,) = shop.check(RUN, code=code)
    assert (finding.code, finding.severity) == ("MS511", Severity.ERROR)
    assert finding.message == message


@pytest.mark.parametrize(
    "code",
    [
        "def fill(*args): pass",
        "def fill(apps, schema_editor, batch=1000): pass",
        "def filled(batch, apps, editor): pass\n\nfrom functools import partial\nfill = partial(filled, 1)",
        "class Fill:\n    def __call__(self, apps, editor): pass\nfill = Fill()",
        "class Fill:\n    def fill(self, apps, editor): pass\nfill = Fill().fill",
        "import functools\ndef given(f):\n    @functools.wraps(f)\n    def g(*a): f()\n    return g\n@given\ndef fill(): pass",
    ],
)
def test_functions_that_can(code: str) -> None:
    assert shop.check(RUN, code=code) == ()


def test_the_way_back_counts_too() -> None:
    (finding,) = shop.check("migrations.RunPython(migrations.RunPython.noop, undo)", code="def undo(apps): pass")
    assert finding.message.startswith("undo(apps) does not work as reverse_code")


def test_what_cannot_be_followed_is_said() -> None:
    body = 'name = str(Order)\napps.get_model("shop", name).objects.first()'
    report = shop.report(RUN, code=function(body))
    assert report.findings == ()
    (one,) = report.unanalysed
    assert one.reason.startswith("runs Python code: fill; in fill(), line ")
    assert one.reason.endswith("apps.get_model('shop', name): which model that is stands elsewhere")
