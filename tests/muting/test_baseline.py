"""The baseline: findings that were there before."""

import json
from pathlib import Path
from typing import Any

import pytest

from migsafe.errors import InputError
from migsafe.model import Report
from migsafe.muting import baseline
from migsafe.testing import Migration, Scenario

CREATE = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)), ("status", models.TextField()), ("note", models.TextField()),
])"""
SHOP = Scenario(CREATE)
INDEX = 'migrations.AddIndex("order", models.Index(fields=["status"], name="status_idx"))'
OTHER = INDEX.replace("status", "note")


def using(text: str) -> Scenario:
    return Scenario(CREATE, files={"accepted.json": text, "migsafe.toml": 'baseline = "accepted.json"\n'})


def codes(report: Report) -> list[str]:
    return [one.code for one in report.findings]


def test_it_is_sorted_and_readable_one_line_each() -> None:
    findings = SHOP.report(Migration(OTHER), Migration(INDEX), Migration('migrations.RunSQL("ANALYZE")')).findings
    text = baseline.render(reversed(findings))
    lines = text.splitlines()
    assert lines[0] == '{"version": 1, "findings": ['
    assert lines[1] == (
        '  {"migration":"shop.0002_change","code":"MS201",'
        '"message":"Building index note_idx holds SHARE on shop_order until it is done",'
        f'"fingerprint":"{findings[0].fingerprint}"}},'
    )
    assert [json.loads(line.strip(" ,"))["migration"] for line in lines[1:-1]] == [
        "shop.0002_change", "shop.0003_change", "shop.0004_change",
    ]  # fmt: skip
    assert lines[-1] == "]}"
    assert json.loads(text)["version"] == 1
    assert json.loads(baseline.render(())) == {"version": 1, "findings": []}


def test_what_it_has_is_suppressed_and_what_is_new_is_not() -> None:
    text = baseline.render(SHOP.report(INDEX).findings)
    report = using(text).report(f"# moved down\n\n{INDEX}", OTHER)
    assert [(one.code, one.operation) for one in report.findings] == [("MS201", 1)]
    (accepted,) = report.suppressed
    assert (accepted.finding.code, accepted.reason, accepted.by) == (
        "MS201",
        "in the baseline accepted.json",
        "baseline",
    )


def test_an_entry_that_no_longer_matches_is_a_finding_at_its_line() -> None:
    text = baseline.render(SHOP.report(INDEX, OTHER).findings)
    (stale,) = using(text).report(INDEX).findings
    assert (stale.code, stale.severity, stale.path, stale.app) == ("MS004", "info", "accepted.json", None)
    assert stale.line == next(number for number, line in enumerate(text.splitlines(), 1) if "note_idx" in line)
    assert stale.message == (
        "the baseline has MS201 of shop.0002_change, which is no longer found:"
        " Building index note_idx holds SHARE on shop_order until it is done"
    )


def test_an_entry_of_a_migration_that_is_gone_no_longer_matches() -> None:
    text = baseline.render(SHOP.report(INDEX).findings)
    report = using(text).report(Migration(INDEX, name="0002_renamed"))
    assert codes(report) == ["MS201", "MS004"]


def test_an_entry_of_a_rule_that_is_gone_no_longer_matches() -> None:
    text = baseline.render(SHOP.report(INDEX).findings).replace("MS201", "MS299")
    assert codes(using(text).report(INDEX)) == []  # the fingerprint decides
    assert codes(using(text.replace('"fingerprint":"', '"fingerprint":"0')).report(INDEX)) == ["MS201", "MS004"]


@pytest.mark.parametrize("options", [{"ignore": "MS201"}, {"select": "MS004"}])
def test_an_entry_is_not_judged_if_its_rule_is_not_run(options: dict[str, str]) -> None:
    text = baseline.render(SHOP.report(INDEX).findings)
    settings = "".join(f'{name} = ["{code}"]\n' for name, code in options.items())
    shop = Scenario(CREATE, files={"a.json": text, "migsafe.toml": f'baseline = "a.json"\n{settings}'})
    assert codes(shop.report(OTHER)) == []


def test_an_entry_is_not_judged_if_its_migration_is_not_looked_at() -> None:
    text = baseline.render(SHOP.report(OTHER).findings)
    files = {"a.json": text, "migsafe.toml": 'baseline = "a.json"\n'}
    assert codes(Scenario(CREATE, files=files).report(INDEX)) == ["MS201", "MS004"]
    applied = Scenario(Migration(CREATE), Migration(INDEX), files=files)
    harmless = 'migrations.AddField("order", "place", models.TextField(null=True))'
    assert codes(applied.report(Migration(harmless))) == []


def test_what_a_comment_suppresses_now_still_matches() -> None:
    text = baseline.render(SHOP.report(INDEX).findings)
    report = using(text).report(f"# migsafe: ignore[MS201]: 200 rows\n{INDEX}")
    assert report.findings == ()
    assert [one.by for one in report.suppressed] == ["comment"]


def test_trouble_with_suppressions_is_never_in_it() -> None:
    findings = SHOP.report(f"# migsafe: ignore[MS202]: not there\n# migsafe: ignore[MS201]\n{INDEX}").findings
    assert {one.code for one in findings} == {"MS201", "MS002", "MS003"}
    assert [one["code"] for one in json.loads(baseline.render(findings))["findings"]] == ["MS201"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the baseline FILE cannot be read: No such file or directory"),
        ("", "FILE is not a baseline: Input data was truncated"),
        ("[]", "FILE is not a baseline: Expected `object`, got `array`"),
        ('{"version": 1}', "FILE is not a baseline: Object missing required field `findings`"),
        ('{"version": 2, "findings": []}', "FILE is a baseline of version 2, which this migsafe does not know"),
    ],
)
def test_a_file_that_is_no_baseline(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError) as caught:
        baseline.read(file)
    assert caught.value.message == message.replace("FILE", str(file))
    assert caught.value.hint == "migsafe baseline writes such a file."


def test_it_may_be_laid_out_otherwise(tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = json.loads(baseline.render(SHOP.report(INDEX).findings))["findings"]
    file = tmp_path / "baseline.json"
    file.write_text(json.dumps({"version": 1, "findings": entries}, indent=4))
    read = baseline.read(file)
    assert [entry.code for entry in read.entries] == ["MS201"]
    assert list(read.lines.values()) == [8]
