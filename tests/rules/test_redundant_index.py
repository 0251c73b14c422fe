"""MS207 redundant_index."""

import pytest

from migsafe.model import Finding, Severity
from migsafe.rules.redundant_index import rule
from migsafe.testing import Migration, Scenario, fixed

SHOP = Scenario(
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField(unique=True)),
        ("status", models.CharField(max_length=10, db_index=True)),
        ("note", models.TextField()),
        ("customer", models.ForeignKey("shop.Customer", models.PROTECT)),
    ])""",
)
ADD = 'AddIndexConcurrently("order", models.Index(fields={}, name="i"))'


def found(*change: str | Migration, together: bool = False) -> tuple[Finding, ...]:
    migrations = [one if isinstance(one, Migration) else Migration(one, atomic=False) for one in change]
    return SHOP.check(*migrations, rules=[rule], together=together)


def test_an_index_of_a_foreign_key_which_django_indexes_by_itself() -> None:
    (finding,) = found(ADD.format(["customer"]))
    assert (finding.code, finding.severity) == ("MS207", Severity.WARNING)
    assert finding.message == (
        "Index i on shop_order (customer_id) is redundant beside shop_order_customer_id_f638df20 (customer_id)"
    )
    assert "Leave `i` out" in finding.fix


@pytest.mark.parametrize("field", ["number", "status"])
def test_an_index_of_what_is_indexed(field: str) -> None:
    (finding,) = found(ADD.format([field]))
    assert finding.severity is Severity.WARNING


def test_a_longer_index_beside_that_of_a_foreign_key() -> None:
    (finding,) = found(ADD.format(["customer", "-number"]))
    assert finding.severity is Severity.INFO
    assert finding.message == (
        "Index shop_order_customer_id_f638df20 on shop_order (customer_id) is redundant beside i (customer_id, number DESC)"
    )
    assert "DROP INDEX CONCURRENTLY IF EXISTS" in finding.fix
    assert SHOP.check(Migration(ADD.format(["customer", "-number"]), atomic=False), *fixed(finding)) == ()


def test_a_field_that_django_would_index_again() -> None:
    index = ADD.format(["note", "number"])
    field = 'migrations.AlterField("order", "note", models.TextField(db_index=True))'
    change = Migration(index, atomic=False), Migration(field)
    (finding,) = found(*change)
    assert finding.severity is Severity.INFO
    assert "db_index=False" in finding.fix
    assert SHOP.check(change[0], *fixed(finding)) == ()


def test_twice_the_same_in_a_new_table() -> None:
    (finding,) = found(
        """migrations.CreateModel("Parcel", [
            ("id", models.BigAutoField(primary_key=True)),
            ("order", models.ForeignKey("shop.Order", models.PROTECT)),
        ], options={"indexes": [models.Index(fields=["order"], name="again")]})"""
    )
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "operation",
    [
        ADD.format(["-customer"]),
        ADD.format(["note", "customer"]),
        'AddIndexConcurrently("order", models.Index(fields=["customer"], name="i", condition=Q(note="")))',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["customer"], name="u", condition=Q(note="")))',
        'migrations.RunSQL("CREATE INDEX h ON shop_order USING hash (customer_id)", "")',
        """migrations.CreateModel("Parcel", [
            ("id", models.BigAutoField(primary_key=True)),
            ("code", models.SlugField(unique=True)),
            ("order", models.ForeignKey("shop.Order", models.PROTECT)),
        ], options={"unique_together": {("order", "code")}})""",
        'migrations.AlterField("order", "status", models.CharField(max_length=10, unique=True))',
        """migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AddIndex("order", models.Index(fields=["customer"], name="i"))
        ])""",
    ],
)
def test_quiet(operation: str) -> None:
    assert found(operation) == ()


def test_the_twin_that_django_makes_of_a_text_column_is_no_other_index_but_may_be_made_again() -> None:
    index = 'models.Index(fields=["status"], name="i", opclasses=["varchar_pattern_ops"])'
    (finding,) = found(f'AddIndexConcurrently("order", {index})')
    assert finding.message.endswith("(status varchar_pattern_ops)")


def test_an_index_is_redundant_once() -> None:
    first = Migration(ADD.format(["customer", "number"]), atomic=False)
    again = ADD.format(["customer", "id"]).replace('name="i"', 'name="j"')
    assert found(first, Migration(again, atomic=False)) == found(first)


def test_quiet_when_the_other_one_goes() -> None:
    replacing = Migration(ADD.format(["customer", "number"]), atomic=False)
    for together in (False, True):
        gone = Migration(
            'migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS shop_order_customer_id_f638df20", "")', atomic=False
        )
        assert found(replacing, gone, together=together) == ()
