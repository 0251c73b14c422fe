"""Tables in use, of real models, for rules about columns."""

import django
import pytest

from migsafe.model import Finding
from migsafe.testing import Scenario

if django.VERSION < (5, 1):
    pytest.skip("the tables use db_default and CheckConstraint(condition)", allow_module_level=True)

CODE = """
import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinLengthValidator
from django.db.models.functions import Now
from django.utils import timezone
"""
"""Imports of migrations."""

shop = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.AutoField(primary_key=True)),
        ("key", models.CharField(max_length=20, unique=True)),
    ])""",
    'migrations.CreateModel("Currency", [("code", models.CharField(max_length=20, primary_key=True))])',
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField()),
        ("quantity", models.PositiveIntegerField(default=0)),
        ("status", models.CharField(max_length=10, null=True)),
        ("slug", models.SlugField(max_length=20)),
        ("note", models.TextField(default="")),
        ("total", models.DecimalField(max_digits=10, decimal_places=2, default=0)),
        ("ratio", models.FloatField(default=0)),
        ("flag", models.BooleanField(default=False)),
        ("day", models.DateField(null=True)),
        ("at", models.DateTimeField(null=True)),
        ("token", models.UUIDField(null=True)),
        ("source", models.CharField(max_length=10, db_default="web")),
        ("legacy", models.CharField(max_length=20, null=True)),
        ("customer", models.ForeignKey("shop.Customer", models.PROTECT)),
        ("currency", models.ForeignKey("shop.Currency", models.PROTECT, null=True)),
    ])""",
    """migrations.RunSQL(
        "CREATE VIEW shipping AS SELECT id, slug FROM shop_order",
        "DROP VIEW shipping",
    )""",
)


def check(*operations: str, **options: object) -> tuple[Finding, ...]:
    """What is found in a migration with these operations."""
    return shop.check(*operations, code=CODE, **options)  # type: ignore[arg-type]


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]
