"""MS001: what could not be looked into is a finding; Python code that is not run is none."""

import pytest

from migsafe.model import Severity
from migsafe.rules import all_rules
from migsafe.testing import Scenario
from tests.rules.harness import Migrations, Op, codes

RULE = next(rule for rule in all_rules() if rule.code == "MS001")
SHOP = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')


def test_sql_that_is_not_understood(shop: Migrations) -> None:
    (finding,) = shop.check(Op("RunSQL", "ANALYZE; DRINK tea"))
    assert (finding.code, finding.severity) == ("MS001", Severity.WARNING)
    assert finding.message == 'the statement could not be analysed: syntax error at or near "DRINK"'
    assert (finding.operation, finding.statement) == (0, 1)
    assert "# migsafe: ignore[MS001]: " in finding.fix


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("DO $$ BEGIN EXECUTE command; END $$", "EXECUTE of a text that is only known at run time"),
        ("SELECT tidy_up()", "what the function tidy_up does is not known"),
    ],
)
def test_sql_whose_effects_are_not_known(shop: Migrations, sql: str, reason: str) -> None:
    (finding,) = [one for one in shop.check(Op("RunSQL", sql)) if one.code == "MS001"]
    assert reason in finding.message


def test_an_operation_whose_sql_django_cannot_make(shop: Migrations) -> None:
    (finding,) = shop.check(Op("Tidy", unanalysed="needs a live connection: it connects to the database"))
    assert finding.message == (
        "the operation could not be analysed: needs a live connection: it connects to the database"
    )
    assert finding.statement is None


def test_each_statement_has_a_fingerprint_of_its_own(shop: Migrations) -> None:
    found = shop.check(Op("RunSQL", "DRINK tea; EAT cake"), Op("RunSQL", "DRINK tea"))
    assert [(one.operation, one.statement) for one in found] == [(0, 0), (0, 1), (1, 0)]
    assert len({one.fingerprint for one in found}) == 3


def test_python_code_alone_is_none() -> None:
    code = "def fill(apps, schema_editor):\n    print(1)"
    report = SHOP.report("migrations.RunPython(fill, migrations.RunPython.noop)", code=code, rules=[RULE])
    assert report.findings == ()
    assert [one.kind for one in report.unanalysed] == ["opaque"]


def test_what_is_understood_is_none(shop: Migrations) -> None:
    sql = 'ALTER TABLE "order" ADD COLUMN place text; DO $$ BEGIN PERFORM 1; END $$'
    assert "MS001" not in codes(shop.check(Op("RunSQL", sql)))


def test_what_another_rule_says_is_none(shop: Migrations) -> None:
    assert codes(shop.check(Op("AddIndexConcurrently", unanalysed="NotSupportedError: …"))) == ["MS203"]
