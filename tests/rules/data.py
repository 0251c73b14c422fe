"""A project with two apps in use, for the rules about data migrations."""

from textwrap import dedent

from migsafe.model import Finding
from migsafe.testing import Migration, Scenario

CUSTOMER = """migrations.CreateModel("Customer", [
    ("id", models.BigAutoField(primary_key=True)),
    ("email", models.EmailField()),
    ("name", models.TextField()),
])"""
ORDER = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("number", models.IntegerField()),
    ("status", models.CharField(max_length=10, choices=[("new", "New")])),
    ("total", models.DecimalField(max_digits=9, decimal_places=2, null=True)),
    ("placed", models.DateTimeField(null=True)),
    ("data", models.JSONField(default=dict)),
    ("customer", models.ForeignKey("crm.Customer", models.CASCADE, null=True, related_name="orders")),
])"""
LINE = """migrations.CreateModel("Line", [
    ("id", models.BigAutoField(primary_key=True)),
    ("order", models.ForeignKey("shop.Order", models.CASCADE)),
    ("text", models.TextField()),
])"""
TAG = """migrations.CreateModel("Tag", [
    ("id", models.BigAutoField(primary_key=True)),
    ("orders", models.ManyToManyField("shop.Order", related_name="tags")),
])"""

shop = Scenario(Migration(CUSTOMER, app="crm"), Migration(ORDER, LINE, TAG))

RUN = "migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)"
"""What every case below runs, unless it says otherwise."""

NAMES = """
    Order = apps.get_model("shop", "Order")
    Line = apps.get_model("shop.Line")
    Customer = apps.get_model("crm", "Customer")
    Tag = apps.get_model("shop", "Tag")
"""


def function(body: str) -> str:
    """A function ``fill`` with this body, which knows all models."""
    indented = "".join(f"    {line}\n" for line in dedent(body).strip("\n").splitlines())
    return f"def fill(apps, schema_editor):{NAMES}{indented}"


def check(body: str, *operations: str, atomic: bool = True, code: str = "") -> tuple[Finding, ...]:
    """What is found in a migration that runs this."""
    return shop.check(*(operations or (RUN,)), code=code + "\n" + function(body), atomic=atomic)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]
