"""Histories of real projects, verified: nothing is predicted wrong, and all of it is reached.

``make test`` verifies one app of the shop. ``MIGSAFE_TEST_PROJECTS=all``, as in ``make equality``, verifies the
whole histories of the shop, wagtail and django-oscar, on the oldest and newest PostgreSQL that Django 5.2 works with.
"""

import os
from collections import Counter

import msgspec
import pytest

from migsafe.verification import VerifyReport
from tests.equality.test_equality import Case

ALL = os.environ.get("MIGSAFE_TEST_PROJECTS") == "all"
PROJECTS = ["shop", "wagtail", "oscar"] if ALL else ["shop"]
ENDS = [14, 18] if ALL else [18]
TARGET = "--all" if ALL else "payments"

IRREVERSIBLE = {
    "catalog.0018_remove_product_price",
    "customers.0022_fill_lifetime_value",
    "orders.0008_remove_orderline_product",
    "payments.0022_payment_amount_precision",
    "users.0008_remove_username",
}
"""Of the shop."""


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("postgres", ENDS)
@pytest.mark.parametrize("project", PROJECTS)
def test_history(project: str, postgres: int) -> None:
    options = [TARGET, "--rows=50", "--sandbox=wheel", f"--postgres={postgres}", "--format=json", "--exit-zero"]
    written = Case(project, "core-5.2").run("-m", "migsafe", "verify", *options)
    report = msgspec.json.decode(written, type=VerifyReport)

    assert report.unreached == ()
    failed = [one.migration for one in report.verifications if one.forward is None or one.forward.failure]
    assert failed == []
    wrong = [
        (one.app, one.migration, run.direction, run.statements[difference.statement].sql, difference)
        for one in report.verifications
        for run in one.compared
        for difference in run.differences
    ]
    assert wrong == []
    if project == "shop":
        irreversible = {f"{one.app}.{one.migration}" for one in report.verifications if one.verdict == "irreversible"}
        assert irreversible == {one for one in IRREVERSIBLE if ALL or one.startswith(f"{TARGET}.")}
        assert Counter(one.verdict for one in report.verifications)["not verified"] == 0
