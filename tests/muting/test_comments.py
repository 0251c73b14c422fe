"""Comments that accept findings, and what is said about comments that do not.

## What it catches
Calls of ``save()``.

## Why it hurts
It is a rule for a test.

## Do this instead
Nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from migsafe.config import Config
from migsafe.model import Axis, Finding, Report, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule, choose_rules
from migsafe.testing import Migration, Scenario

SHOP = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)), ("status", models.TextField()), ("note", models.TextField()),
    ])"""
)
INDEX = 'migrations.AddIndex("order", models.Index(fields=["status"], name="status_idx"))'
SQL = "migrations.RunSQL('''{}''', migrations.RunSQL.noop)"


def said(report: Report) -> list[str]:
    return [f"{one.code} {one.message}" for one in report.findings]


def suppressed(report: Report) -> list[tuple[str, str, str]]:
    return [(one.finding.code, one.reason, one.by) for one in report.suppressed]


def test_a_finding_is_suppressed_with_its_reason() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201]: 200 rows\n{INDEX}")
    assert said(report) == []
    assert suppressed(report) == [("MS201", "200 rows", "comment")]
    assert report.suppressed[0].finding.relation == "shop_order"
    assert report.exit_code == 0
    assert [rule.code for rule in report.rules] == ["MS201"]


def test_only_at_its_operation() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201]: 200 rows\n{INDEX}", INDEX.replace("status", "note"))
    assert [(one.code, one.operation) for one in report.findings] == [("MS201", 1)]
    assert suppressed(report) == [("MS201", "200 rows", "comment")]


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("ignore[MS201]", "it gives no reason"),
        ("ignore[MS201]: ", "it gives no reason"),
        ("ignore: everything", "it is not of the form ignore[CODE]: reason"),
        ("ignore[]: everything", "it is not of the form ignore[CODE]: reason"),
        ("ignore[MS2]: everything", "MS2 is only the beginning of codes"),
        ("ignore[MS]: everything", "MS is only the beginning of codes"),
        ("ignore[all]: everything", "there is no rule 'all'"),
        ("ignore[MS2O1]: small", "there is no rule 'MS2O1' (did you mean MS201?)"),
        ("ignore[MS003]: quiet", "MS003 cannot be ignored"),
    ],
)
def test_one_that_does_not_count_is_a_finding(comment: str, problem: str) -> None:
    report = SHOP.report(f"# migsafe: {comment}\n{INDEX}")
    assert [one.code for one in report.findings] == ["MS201", "MS002"]
    assert report.findings[1].message == f"this suppression does not count: {problem}"
    assert (report.findings[1].operation, report.findings[1].line) == (0, report.findings[0].line - 1)  # type: ignore[operator]
    assert "# migsafe: ignore[MS201]: " in report.findings[1].fix
    assert report.suppressed == ()


def test_the_codes_that_are_right_count() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201, MS2]: 200 rows\n{INDEX}")
    assert said(report) == ["MS002 this suppression does not count: MS2 is only the beginning of codes"]
    assert suppressed(report) == [("MS201", "200 rows", "comment")]


def test_one_that_is_not_used_is_a_finding() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201, MS202]: 200 rows\n{INDEX}")
    (unused,) = report.findings
    assert (unused.code, unused.severity, unused.operation) == ("MS003", "info", 0)
    assert unused.message == "MS202 is ignored here, but there is no such finding"


def test_one_at_the_wrong_place_is_not_used() -> None:
    code = "# migsafe: ignore[MS201]: everything in this file"
    report = SHOP.report(Migration(INDEX, code=code))
    assert [one.code for one in report.findings] == ["MS201", "MS003"]


def test_the_second_of_two_for_the_same_is_not_used() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201]: once\n# migsafe: ignore[MS201]: twice\n{INDEX}")
    assert [one.code for one in report.findings] == ["MS003"]
    assert suppressed(report) == [("MS201", "once", "comment")]


@pytest.mark.parametrize(("select", "ignore"), [((), ("MS201",)), (("MS003", "MS5"), ())])
def test_whether_it_is_used_is_not_judged_if_the_rule_is_not_run(
    select: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201]: 200 rows\n{INDEX}", select=select, ignore=ignore)
    assert report.findings == ()


def test_lint_does_not_judge_what_only_verify_finds() -> None:
    report = SHOP.report(f"# migsafe: ignore[MS201, MS801]: 200 rows\n{INDEX}")
    assert (report.findings, suppressed(report)) == ((), [("MS201", "200 rows", "comment")])


def test_rules_about_comments_can_be_switched_off() -> None:
    comments = "# migsafe: ignore[MS202]: not there\n# migsafe: ignore[MS201]"
    report = SHOP.report(f"{comments}\n{INDEX}", ignore=("MS0",))
    assert [one.code for one in report.findings] == ["MS201"]


def test_two_that_are_not_used_have_fingerprints_of_their_own() -> None:
    comments = (
        "# migsafe: ignore[MS202]: one\n# migsafe: ignore[MS202]: two\n# migsafe: ignore[MS2]\n# migsafe: ignore[MS2]"
    )
    found = SHOP.report(f"{comments}\n{INDEX}").findings
    assert len({one.fingerprint for one in found}) == len(found)


def test_in_sql_only_for_its_statement() -> None:
    report = SHOP.report(
        SQL.format(
            """
            -- migsafe: ignore[MS201]: 200 rows
            CREATE INDEX status_idx ON shop_order (status);
            CREATE INDEX note_idx ON shop_order (note);
            """
        )
    )
    assert [(one.code, one.statement) for one in report.findings] == [("MS201", 1)]
    assert suppressed(report) == [("MS201", "200 rows", "comment")]


def test_a_suppressed_statement_does_not_hide_another_that_does_the_same() -> None:
    update = "UPDATE shop_order SET status = '' WHERE id < 10"
    text = f"-- migsafe: ignore[MS001]: few rows\nDRINK tea; {update};\nDRINK tea;"
    report = SHOP.report(SQL.format(text), select=("MS001",))
    assert [(one.code, one.statement) for one in report.findings] == [("MS001", 2)]
    assert suppressed(report) == [("MS001", "few rows", "comment")]


def test_an_operation_with_what_is_not_analysed_can_be_accepted() -> None:
    report = SHOP.report("# migsafe: ignore[MS001]: asked the DBA\n" + SQL.format("DRINK tea"))
    assert report.findings == ()
    assert suppressed(report) == [("MS001", "asked the DBA", "comment")]
    assert [(one.kind, one.operation, one.statement) for one in report.unanalysed] == [("sql", 0, 0)]


FILL = """def fill(apps, schema_editor):
    for order in apps.get_model("shop", "Order").objects.all():
        # migsafe: ignore[ACME501]: forty rows
        order.save()
    order.save()
"""


def saves(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in operation.python:
        assert function.path
        for number, line in enumerate(Path(function.path).read_text().splitlines(), 1):
            if line.endswith("order.save()"):
                path = function.path.rpartition("/shop/")[2]
                found = SAVES.finding(context, about=str(number), fix="")
                yield replace(found, path=f"shop/{path}", line=number)


SAVES = Rule(
    __name__, code="ACME501", severity=Severity.ERROR, axis=Axis.DATA, message="a row is saved", why="It is a test."
)
SAVES.on_operation(saves)


@pytest.mark.parametrize("imported", [False, True])
def test_in_the_function_that_is_run(imported: bool) -> None:
    code = "from shop.fill import fill" if imported else FILL
    shop = Scenario(*SHOP.before, files={"shop/fill.py": FILL})
    run = Migration("migrations.RunPython(fill, migrations.RunPython.noop)", code=code)
    report = shop.report(run, rules=[SAVES, *choose_rules(Config(select=("MS003",)))])
    assert suppressed(report) == [("ACME501", "forty rows", "comment")]
    (other,) = report.findings
    assert other.line == report.suppressed[0].finding.line + 1  # type: ignore[operator]
    assert other.path == ("shop/fill.py" if imported else "shop/migrations/0002_change.py")


def test_above_the_operation_it_covers_all_of_its_function() -> None:
    run = "# migsafe: ignore[ACME501]: forty rows\nmigrations.RunPython(fill, migrations.RunPython.noop)"
    report = SHOP.report(Migration(run, code=FILL.replace("# migsafe", "# not migsafe")), rules=[SAVES])
    assert report.findings == ()
    assert len(report.suppressed) == 2


def test_config_suppresses_for_one_migration() -> None:
    config = '[per-migration-ignores]\n"shop.0002" = {MS201 = "200 rows", MS202 = "not there"}\n'
    shop = Scenario(*SHOP.before, files={"migsafe.toml": config})
    report = shop.report(Migration(INDEX), Migration(INDEX.replace("status", "note")))
    assert suppressed(report) == [("MS201", "200 rows", "config")]
    assert [(one.code, one.migration, one.path) for one in report.findings] == [
        ("MS003", "0002_change", "migsafe.toml"),
        ("MS201", "0003_change", "shop/migrations/0003_change.py"),
    ]
    assert report.findings[0].message == (
        "MS202 is ignored for shop.0002_change in per-migration-ignores, but there is no such finding"
    )


def test_severities_can_be_set() -> None:
    shop = Scenario(*SHOP.before, files={"migsafe.toml": 'severity = {MS201 = "info", MS003 = "error"}\n'})
    report = shop.report(f"# migsafe: ignore[MS202]: not there\n{INDEX}")
    assert [(one.code, one.severity) for one in report.findings] == [("MS201", "info"), ("MS003", "error")]
    assert (report.summary.error, report.summary.info, report.exit_code) == (1, 1, 1)
