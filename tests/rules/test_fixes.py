"""Every fix, put in the place of what it fixes, has to come out clean."""

import django
import pytest

from migsafe.testing import Migration, Scenario, fixed

CUSTOMER = 'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])'
ORDER = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("number", models.IntegerField()),
    ("status", models.CharField(max_length=10, null=True)),
    ("note", models.TextField(default="")),
    ("payer", models.BigIntegerField(null=True)),
    ("rank", models.IntegerField(default=0)),
], options={"indexes": [models.Index(fields=["rank"], name="APP_rank")]})"""

HAZARDS = {
    "MS101_literal": 'migrations.AddField("order", "code", models.CharField(max_length=9, default=""))',
    "MS101_callable": 'migrations.AddField("order", "data", models.JSONField(default=dict))',
    "MS102": 'migrations.AlterField("order", "status", models.CharField(max_length=10))',
    "MS103": 'migrations.RemoveField("order", "note")',
    "MS105": 'migrations.AddField("order", "lucky", models.FloatField(db_default=Random()))',
    "MS201": 'migrations.AddIndex("order", models.Index(fields=["status"], name="status_idx"))',
    "MS201_field": 'migrations.AlterField("order", "number", models.IntegerField(db_index=True))',
    "MS201_foreign_key": (
        'migrations.AddField("order", "customer", models.ForeignKey("APP.Customer", models.PROTECT, null=True))'
    ),
    "MS201_unique": (
        'migrations.AddConstraint("order", '
        'models.UniqueConstraint("number", condition=models.Q(note=""), name="APP_number_unique"))'
    ),
    "MS202": 'migrations.RemoveIndex("order", "APP_rank")',
    "MS203": 'AddIndexConcurrently("order", models.Index(fields=["status"], name="APP_status"))',
    "MS301": (
        'migrations.AddConstraint("order", '
        'models.CheckConstraint(condition=models.Q(number__gte=0), name="APP_number_positive"))'
    ),
    "MS301_field": 'migrations.AddField("order", "weight", models.PositiveIntegerField(null=True))',
    "MS302": (
        'migrations.AlterField("order", "payer", '
        'models.ForeignKey("APP.Customer", models.PROTECT, null=True, db_column="payer"))'
    ),
    "MS303": 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["number"], name="APP_number_unique"))',
    "MS303_field": 'migrations.AlterField("order", "status", models.CharField(max_length=10, null=True, unique=True))',
    "MS303_new_field": 'migrations.AddField("order", "code", models.CharField(max_length=9, null=True, unique=True))',
    "MS401": 'migrations.DeleteModel("Order")',
    "MS402": 'migrations.RenameModel("Order", "Purchase")',
    "MS402_table": 'migrations.AlterModelTable("Order", "purchase")',
    "MS403": 'migrations.RunSQL("ALTER TABLE ms403_order SET SCHEMA sales", "SELECT 1")',
    "MS404": 'migrations.RunSQL("TRUNCATE ms404_order", "SELECT 1")',
    "MS405": 'migrations.RunSQL("CLUSTER ms405_order USING ms405_order_pkey", "SELECT 1")',
    "MS406": 'migrations.RunSQL("LOCK TABLE ms406_order", "SELECT 1")',
    "MS407": """migrations.RunSQL(
        "ALTER TABLE event ATTACH PARTITION event_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')", "SELECT 1"
    )""",
    "MS408": """migrations.RunSQL(
        "CREATE TABLE day_2026 PARTITION OF day FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')", "SELECT 1"
    )""",
    "MS409": 'migrations.RunSQL("ALTER TABLE hour DETACH PARTITION hour_2025", "SELECT 1")',
    "MS410": 'migrations.RunSQL("ALTER TABLE ms410_order DISABLE TRIGGER stamp", "SELECT 1")',
    "MS412": 'migrations.RunSQL("ALTER TABLE ms412_order ENABLE ROW LEVEL SECURITY", "SELECT 1")',
    "MS413": 'migrations.RunSQL("REFRESH MATERIALIZED VIEW ms413_view", "SELECT 1")',
    "MS414": 'migrations.RunSQL("ALTER DOMAIN ms414_amount ADD CONSTRAINT c CHECK (VALUE > 0)", "SELECT 1")',
    "MS415": """migrations.RunSQL(
        ["ALTER TYPE state ADD VALUE 'sent'", "UPDATE parcel SET state = 'sent' WHERE id = 1"], "SELECT 1"
    )""",
    "MS416": 'migrations.AlterField("order", "tags", models.ManyToManyField("APP.Tag", through="APP.OrderTag"))',
    "MS501_python": "migrations.RunPython(print)",
}
PARTITIONED = """migrations.RunSQL('''
    CREATE TABLE NAME (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
    CREATE TABLE NAME_2025 PARTITION OF NAME FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
''', "SELECT 1")"""
SETUPS = {
    "MS407": (
        PARTITIONED.replace("NAME", "event"),
        'migrations.RunSQL("CREATE TABLE event_2026 (id bigint, day date NOT NULL)", "SELECT 1")',
    ),
    "MS408": (PARTITIONED.replace("NAME", "day"),),
    "MS409": (PARTITIONED.replace("NAME", "hour"),),
    "MS413": ('migrations.RunSQL("CREATE MATERIALIZED VIEW ms413_view AS SELECT id FROM ms413_order", "SELECT 1")',),
    "MS414": (
        'migrations.RunSQL("CREATE DOMAIN ms414_amount AS numeric; CREATE TABLE payment (amount ms414_amount)", "SELECT 1")',
    ),
    "MS415": (
        """migrations.RunSQL("CREATE TYPE state AS ENUM ('new'); CREATE TABLE parcel (id bigint, state state)", "SELECT 1")""",
    ),
    "MS416": (
        'migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])',
        'migrations.AddField("order", "tags", models.ManyToManyField("APP.Tag"))',
    ),
}
"""What is there before, beside the models."""
if django.VERSION < (5, 1):
    HAZARDS = {
        name: operation.replace("Constraint(condition=models.Q(number", "Constraint(check=models.Q(number")
        for name, operation in HAZARDS.items()
    }
if django.VERSION < (5, 0):
    del HAZARDS["MS105"]  # there is no db_default
IMPORTS = "from django.db.models.functions import Random"


@pytest.mark.parametrize("name", HAZARDS)
def test_hazard_is_one_finding_and_its_fix_is_clean(name: str) -> None:
    label = name.lower()
    before = (one.replace("APP", label) for one in (CUSTOMER, ORDER, *SETUPS.get(name, ())))
    scenario = Scenario(Migration(*before, app=label))
    (finding,) = scenario.check(Migration(HAZARDS[name].replace("APP", label), app=label, code=IMPORTS))
    assert finding.code == name[:5]
    assert (fix := fixed(finding, code=IMPORTS))
    assert scenario.check(*fix) == ()
