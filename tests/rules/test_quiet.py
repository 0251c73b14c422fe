"""What is harmless stays quiet: on real Django projects, each case in an app of its own."""

import json
from textwrap import dedent

import django
import pytest

from tests.projects import app, migration, run, write_project

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


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is said of each case: messages of findings, and reasons why something was not analysed."""
    folder = tmp_path_factory.mktemp("harmless")
    apps = []
    for label, changes in HARMLESS.items():
        files = {"0001_initial": migration(*INITIAL, attributes="initial = True")}
        for number, operations in enumerate(changes, start=2):
            previous = list(files)[-1]
            files[f"{number:04}_change"] = migration(
                *(
                    operation.replace("APP", label).replace("CheckConstraint(condition", f"CheckConstraint({CONDITION}")
                    for operation in operations
                    if operation != NOT_ATOMIC
                ),
                dependencies=((label, previous),),
                attributes=NOT_ATOMIC if NOT_ATOMIC in operations else "",
                imports=dedent(IMPORTS),
            )
        apps.append(app(label, files))
    write_project(folder, *apps)
    ran = run(folder, "lint", "--initial", "--format", "json", "--postgres", "16")
    assert ran.stdout, ran.stderr
    report = json.loads(ran.stdout)
    found: dict[str, list[str]] = {label: [] for label in HARMLESS}
    for finding in report["findings"]:
        found[finding["app"]].append(finding["message"])
    for one in report["unanalysed"]:
        if one["kind"] != "opaque":
            found[one["app"]].append(one["reason"])
    return found


@pytest.mark.parametrize("label", HARMLESS)
def test_quiet(label: str, messages: dict[str, list[str]]) -> None:
    assert messages[label] == []
