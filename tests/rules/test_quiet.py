"""What is harmless stays quiet."""

import django
import pytest

from migsafe.testing import Migration, Scenario

INITIAL = (
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField()),
        ("status", models.CharField(max_length=10, null=True)),
        ("note", models.TextField(default="")),
    ])""",
)
PARCEL = """migrations.CreateModel("Parcel", [
        ("id", models.BigAutoField(primary_key=True)),
        ("code", models.CharField(max_length=10, null=True)),
        ("order", models.ForeignKey("APP.Order", models.PROTECT)),
    ])"""
IMPORTS = """
    from django.contrib.postgres.operations import AddConstraintNotValid, RemoveIndexConcurrently, ValidateConstraint
    from django.contrib.postgres.operations import AddIndexConcurrently as Careful
    from django.core.validators import MinLengthValidator
    from django.db.models import Q


    class House(Careful):
        pass
"""
NOT_ATOMIC = "atomic = False"

HARMLESS: dict[str, list[tuple[str, ...]]] = {
    "wider": [('migrations.AlterField("order", "status", models.CharField(max_length=20, null=True))',)],
    "text": [('migrations.AlterField("order", "status", models.TextField(null=True))',)],
    "no_sql": [
        (
            'migrations.AlterField("order", "number", models.IntegerField(help_text="New", verbose_name="No."))',
            'migrations.AlterField("order", "note", models.TextField(default="", choices=[("a", "A")], '
            "validators=[MinLengthValidator(1)]))",
            'migrations.AlterModelOptions("order", {"ordering": ["number"]})',
        )
    ],
    "nullable": [('migrations.AddField("order", "code", models.CharField(max_length=10, null=True))',)],
    "loosened": [('migrations.AlterField("order", "number", models.IntegerField(null=True))',)],
    "db_default": [('migrations.AddField("order", "code", models.CharField(max_length=10, db_default="x"))',)],
    "set_default": [
        (
            'migrations.AddField("order", "code", models.CharField(max_length=10, default=""))',
            "migrations.RunSQL(\"ALTER TABLE set_default_order ALTER code SET DEFAULT ''\", migrations.RunSQL.noop)",
        )
    ],
    "new_table": [
        (
            PARCEL,
            'migrations.AddField("parcel", "weight", models.PositiveIntegerField(default=0))',
            'migrations.AddIndex("parcel", models.Index(fields=["code"], name="new_table_code"))',
            'migrations.AddConstraint("parcel", models.UniqueConstraint(fields=["code"], name="new_table_unique"))',
            'migrations.AddConstraint("parcel", models.CheckConstraint(condition=Q(weight__gt=0), name="heavy"))',
            'migrations.AlterField("parcel", "code", models.CharField(max_length=10))',
            'migrations.AlterField("parcel", "weight", models.BigIntegerField())',
            'migrations.RenameField("parcel", "code", "barcode")',
            'migrations.RemoveField("parcel", "weight")',
            'migrations.RenameModel("Parcel", "Box")',
            'migrations.DeleteModel("Box")',
        )
    ],
    "many_to_many": [('migrations.AddField("order", "watchers", models.ManyToManyField("APP.Customer"))',)],
    "proven": [
        (
            'AddConstraintNotValid("order", models.CheckConstraint(condition=Q(status__isnull=False), name="s"))',
        ),
        ('ValidateConstraint("order", "s")',),
        (
            'migrations.AlterField("order", "status", models.CharField(max_length=10))',
            'migrations.RemoveConstraint("order", "s")',
        ),
    ],
    "two_deploys": [
        ('migrations.RunSQL("ALTER TABLE two_deploys_order ALTER note DROP NOT NULL", migrations.RunSQL.noop)',
         'migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "note")])',),
        ('migrations.RunSQL("ALTER TABLE two_deploys_order DROP COLUMN note", migrations.RunSQL.noop)',),
    ],
    "two_deploys_table": [
        ('migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Customer")])',),
        ('migrations.RunSQL("DROP TABLE two_deploys_table_customer", migrations.RunSQL.noop)',),
    ],
    "renamed_in_python": [
        (
            'migrations.AlterField("order", "note", models.TextField(default="", db_column="note"))',
            'migrations.RenameField("order", "note", "remark")',
        )
    ],
    "concurrently": [
        (NOT_ATOMIC, 'Careful("order", models.Index(fields=["status"], name="careful"))'),
        (NOT_ATOMIC, 'House("order", models.Index(fields=["number"], name="house"))'),
        (NOT_ATOMIC, 'RemoveIndexConcurrently("order", "careful")'),
    ],
    "state_only": [
        (
            "migrations.SeparateDatabaseAndState(state_operations=["
            'migrations.AddIndex("order", models.Index(fields=["number"], name="state_only_number")), '
            'migrations.AddConstraint("order", models.UniqueConstraint(fields=["number"], name="state_only_unique")), '
            'migrations.AddField("order", "customer", models.ForeignKey("APP.Customer", models.PROTECT, null=True))])',
        ),
        (
            "migrations.SeparateDatabaseAndState(state_operations=["
            'migrations.RemoveIndex("order", "state_only_number"), '
            'migrations.RemoveConstraint("order", "state_only_unique")])',
        ),
    ],
    "using_index": [
        (
            NOT_ATOMIC,
            'migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS u", "")',
            'migrations.RunSQL("CREATE UNIQUE INDEX CONCURRENTLY u ON using_index_order (number)", "SELECT 1")',
        ),
        ('migrations.RunSQL("ALTER TABLE using_index_order ADD CONSTRAINT u UNIQUE USING INDEX u", "SELECT 1")',),
    ],
    "python": [("migrations.RunPython(print, migrations.RunPython.noop)",)],
}  # fmt: skip

if django.VERSION < (5, 0):
    del HARMLESS["db_default"]
CONDITION = "condition" if django.VERSION >= (5, 1) else "check"


def change(label: str, operations: tuple[str, ...]) -> Migration:
    written = [
        one.replace("APP", label).replace("CheckConstraint(condition", f"CheckConstraint({CONDITION}")
        for one in operations
    ]
    atomic = NOT_ATOMIC not in operations
    return Migration(*(one for one in written if one != NOT_ATOMIC), app=label, atomic=atomic, code=IMPORTS)


@pytest.mark.parametrize("label", HARMLESS)
def test_quiet(label: str) -> None:
    changes = [change(label, operations) for operations in HARMLESS[label]]
    assert Scenario(Migration(*INITIAL, app=label)).check(*changes) == ()
