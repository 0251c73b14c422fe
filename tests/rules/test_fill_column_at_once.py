import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, fixed
from tests.rules.columns import CODE, check, codes, shop

FIELDS = {
    "default": 'models.CharField(max_length=10, default="new")',
    "one_off": 'models.CharField(max_length=10, default="new"), preserve_default=False',
    "db_default": 'models.CharField(max_length=10, db_default="new")',
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_one_update_under_lock(field: str) -> None:
    (finding,) = check(f'migrations.AlterField("order", "status", {field})')
    assert (finding.code, finding.severity, finding.axis) == ("MS109", Severity.ERROR, Axis.LOCKS)
    assert finding.message == "AlterField fills status in one UPDATE of shop_order under ACCESS EXCLUSIVE"
    assert """SET "status" = 'new'""" in finding.fix
    assert shop.check(*fixed(finding)) == ()


def test_the_default_of_the_database_is_in_the_fix() -> None:
    (finding,) = check(f'migrations.AlterField("order", "status", {FIELDS["db_default"]})')
    assert "SET DEFAULT 'new'" in finding.fix
    (finding,) = check(f'migrations.AlterField("order", "status", {FIELDS["default"]})')
    assert "SET DEFAULT 'new'" not in finding.fix


def test_a_function_of_python_is_called_for_each_row() -> None:
    (finding,) = check('migrations.AlterField("order", "token", models.UUIDField(default=uuid.uuid4))')
    assert 'SET "token" = gen_random_uuid()' in finding.fix


def test_the_update_reads_the_table_even_if_a_check_proves_that_nothing_is_empty() -> None:
    constraint = 'models.CheckConstraint(condition=Q(status__isnull=False), name="s")'
    proof = Migration(f'AddConstraintNotValid("order", {constraint})'), Migration('ValidateConstraint("order", "s")')
    alter = Migration(f'migrations.AlterField("order", "status", {FIELDS["default"]})', code=CODE)
    assert codes(shop.check(*proof, alter)) == ["MS109"]
    plain = Migration('migrations.AlterField("order", "status", models.CharField(max_length=10))')
    assert shop.check(*proof, plain) == ()


@pytest.mark.parametrize(
    "operation",
    [
        'migrations.AlterField("order", "status", models.CharField(max_length=10, null=True, default="new"))',
        'migrations.AlterField("order", "number", models.IntegerField(default=3))',
        'migrations.AlterField("order", "source", models.CharField(max_length=10, db_default="shop"))',
    ],
)
def test_quiet(operation: str) -> None:
    assert check(operation) == ()


def test_quiet_on_a_new_table() -> None:
    create = 'migrations.CreateModel("Parcel", [("id", models.AutoField(primary_key=True))])'
    add = 'migrations.AddField("parcel", "code", models.CharField(max_length=9, null=True))'
    alter = 'migrations.AlterField("parcel", "code", models.CharField(max_length=9, default=""))'
    assert check(create, add, alter) == ()


def test_on_a_new_column_it_goes_through_the_table_all_the_same() -> None:
    add = 'migrations.AddField("order", "code", models.CharField(max_length=9, null=True))'
    alter = 'migrations.AlterField("order", "code", models.CharField(max_length=9, db_default=""))'
    assert codes(check(add, alter)) == ["MS109"]
