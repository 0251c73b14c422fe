"""The comment on a pull or merge request: what it says, at any size, and that text of users is never markup in it."""

import re
import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from migsafe.model import Estimate, Report, Severity, Skipped, Suppressed, Unanalysed
from migsafe.planning import PlanReport
from migsafe.report import comment
from tests import verified
from tests.report import readers, samples, test_plan
from tests.report.test_formats import HOSTILE, NAME, REPORT, reports

RUN = "https://example.org/acme/shop/actions/runs/1"
PROVEN = verified.report(
    verified.verification("0042_index", app="orders"), verified.verification("0043_quiet", app="orders")
)
QUIET = samples.report(migrations=(samples.migration(samples.operation()),))
WELL = verified.report(verified.verification("0042_index", app="orders"))
SIZE = Estimate(600.0, "about 10 min (estimate: 300 million rows indexed at 500,000 rows/s)")


def render(*given: Report, project: str = "shop", run: str | None = RUN, **changes: Any) -> str:
    return comment.render(given, project=project, run=run, **({"flavour": "github"} | changes))


def rows(*given: Report) -> list[list[str]]:
    tokens, _ = readers.assert_markdown(render(*given))
    return readers.table(tokens)


# What it says


def test_it_begins_with_the_verdict() -> None:
    lines = render(REPORT, PROVEN, test_plan.REPORT).splitlines()
    assert lines[:4] == [
        "<!-- migsafe:shop -->",
        "## migsafe: shop",
        "",
        "❌ **Dangerous as it is:** 2 errors, 1 warning and 1 info in 1 of 2 migrations."
        " Plan for orders.0042&#95;add&#95;number: 3 deploys, no downtime.".replace("&#95;", "_"),
    ]


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (REPORT.findings[:1], "❌ **Dangerous as it is:** 1 error in 1 of 2 migrations."),
        (REPORT.findings[1:2], "⚠️ **To be looked at:** 1 warning in 1 of 2 migrations."),
        (REPORT.findings[2:3], "✅ **Nothing dangerous:** 1 info in 1 of 2 migrations."),
        (REPORT.findings[3:4], "❌ **Dangerous as it is:** 1 error."),
    ],
)
def test_verdicts(given: Any, verdict: str) -> None:
    assert render(replace(REPORT, findings=given)).splitlines()[3] == verdict


def test_a_warning_is_dangerous_if_it_fails_the_run() -> None:
    warning = replace(REPORT, findings=REPORT.findings[1:2], fail_on="warning")
    assert "❌ **Dangerous as it is:** 1 warning" in render(warning)


def test_the_table_has_what_each_report_knows() -> None:
    lint = replace(REPORT, findings=(replace(REPORT.findings[0], estimate=SIZE), *REPORT.findings[1:]))
    assert rows(lint) == [
        [
            "❌",
            "orders.0042_index",
            "SHARE",
            "writes of orders_order",
            "about 10 min, and more",
            "yes, not tried",
        ],
        ["✅", "orders.0043_quiet", "–", "–", "–", "yes, not tried"],
    ]
    assert [row[-2:] for row in rows(lint, PROVEN)] == [["reversible", "any"]] * 2


def test_findings_are_folded_with_sql_and_fix_and_the_worst_come_first() -> None:
    tokens, tags = readers.assert_markdown(render(REPORT))
    assert tags == ["details", "summary", "/summary", "/details"] * 4
    titles = re.findall(r"<summary>(.*)</summary>", "".join(one.content for one in tokens if one.type == "html_block"))
    assert [title.split()[:2] for title in titles] == [["❌", "MS201"], ["❌", "MS003"], ["⚠️", "MS501"], ["ℹ️", "MS502"]]
    assert [one.info for one in tokens if one.type == "fence"] == ["sql", "python", "python", *["sql", "python"] * 2]


def test_what_several_reports_say_is_said_once() -> None:
    plan = replace(test_plan.REPORT, findings=REPORT.findings, migrations=REPORT.migrations)
    assert render(REPORT, REPORT).count("<summary>") == render(REPORT).count("<summary>")
    assert render(plan, REPORT).count("MS201 orders") == 1
    muted = replace(REPORT, findings=REPORT.findings[1:])  # by lint's baseline, which plans know nothing of
    assert render(plan, muted).count("MS201 orders") == 0


def test_plans_are_checklists() -> None:
    shown = render(test_plan.REPORT)
    readers.assert_markdown(shown)
    boxes = re.findall(r"^- \[ \] \*\*(\w+)", shown, re.MULTILINE)
    assert boxes == ["Migrate", "Code", "Check", "Migrate", "Check", "Run", "Wait", "Migrate"]
    assert "the proof holds" in shown or "not proven" in shown


def test_every_report_is_summed_up_and_the_run_is_linked() -> None:
    lines = render(REPORT, PROVEN, flavour="gitlab").splitlines()
    assert [line[:9] for line in lines[-4:-2]] == ["- lint: 2", "- verify:"]
    assert lines[-1] == f"[Job]({RUN}) · migsafe 0.1.0"
    assert render(REPORT, run="javascript:alert(1)").splitlines()[-1].startswith("Workflow run · ")
    assert render(REPORT, run=None).splitlines()[-1] == "migsafe 0.1.0"


def test_what_a_team_has_accepted_in_the_ledger_is_shown() -> None:
    accepted = replace(QUIET, suppressed=(Suppressed(samples.finding(), "all databases have been seen to", "ledger"),))
    assert not comment.is_clean([accepted])
    assert "### Accepted in the ledger" in render(accepted)
    assert "all databases have been seen to" in render(accepted)


def test_one_report_at_least() -> None:
    with pytest.raises(ValueError, match="one report"):
        render()


# When all is well


@pytest.mark.parametrize(
    "well",
    [
        (QUIET,),
        (WELL,),
        (QUIET, WELL),
        (QUIET, test_plan.report(test_plan.SAFE)),
        (samples.report(),),
        (test_plan.ALL[3],),
        (replace(QUIET, suppressed=(Suppressed(samples.finding(), "forty rows"),), skipped=Skipped(initial=2)),),
    ],
)
def test_all_is_well_in_one_line(well: tuple[Report, ...]) -> None:
    assert comment.is_clean(well)
    first, line, end = render(*well).split("\n")
    assert first == comment.marker("shop")
    assert line.startswith("✅ **migsafe** shop: ")
    assert line.endswith(f" · [Workflow run]({RUN})")
    assert end == ""
    readers.assert_markdown(render(*well))


UNREAD = Unanalysed("orders", "0042_index", 0, "x.py", 1, "sql", "no idea")


@pytest.mark.parametrize(
    "not_well",
    [
        REPORT,
        replace(REPORT, findings=REPORT.findings[2:3]),
        replace(QUIET, unanalysed=(UNREAD,)),
        replace(WELL, unreached=("shop.0048_next",)),
        replace(WELL, signals={"shop.apps.make_roles": "ProgrammingError"}),
        verified.report(replace(WELL.verifications[0], verdict="not verified")),
        test_plan.REPORT,
        test_plan.report(test_plan.SAFE, proof=test_plan.PROOF),
        test_plan.report(replace(test_plan.SAFE, unsolved=(test_plan.UNSOLVED,))),
    ],
)
def test_what_is_not_well(not_well: Report) -> None:
    assert not comment.is_clean([QUIET, not_well])
    assert len(render(QUIET, not_well).splitlines()) > 4


def test_what_could_not_be_looked_at_is_said() -> None:
    unread = replace(QUIET, unanalysed=(replace(UNREAD, kind="replay"),))
    failed = {"shop.apps.make_roles": "ProgrammingError: no relation"}
    shown = render(unread, replace(WELL, unreached=("orders.0042_index",), signals=failed))
    assert "⚠️ **To be looked at:** 1 migration not tried; 1 signal handler failed; 1 not analysed." in shown
    assert "\n- ⚠️ shop.apps.make_roles: ProgrammingError: no relation\n" in shown
    assert rows(unread)[0][:4] == ["❔", "orders.0042_index", "at least SHARE", "writes of orders_order; perhaps more"]


# How it is found again


@pytest.mark.parametrize(
    ("project", "expected"),
    [("shop", "shop"), ("backend/shop 2", "backend/shop%202"), ("x --> @you", "x%20-%2D%3E%20%40you"), ("", "")],
)
def test_the_marker(project: str, expected: str) -> None:
    assert comment.marker(project) == f"<!-- migsafe:{expected} -->"


@given(HOSTILE, HOSTILE)
def test_no_project_is_taken_for_another(one: str, other: str) -> None:
    assert readers.COMMENT.fullmatch(f"{comment.marker(one)}\n")
    assert len(comment.marker(one * 1000)) < 1000
    assert comment.is_about(f"{comment.marker(one)}\r\nwords", one)
    assert comment.is_about(f"{comment.marker(one)}\nwords", other) is (one == other)
    assert not comment.is_about(f"words\n{comment.marker(one)}", one)


# Ticks


def test_ticks_of_people_stay() -> None:
    shown = render(REPORT, test_plan.REPORT)
    ticked = shown.replace("\n", "\r\n").replace("- [ ] **Code** Order.number", "- [x] **Code** Order.number")
    again = comment.with_ticks(shown, ticked)
    assert again == ticked.replace("\r\n", "\n")
    assert comment.with_ticks(shown, shown) == shown


def test_ticks_belong_to_a_deploy_and_a_text() -> None:
    def written(*deploys: str) -> str:
        return "## Plan\n" + "".join(f"### Deploy {number}\n{items}" for number, items in enumerate(deploys, 1))

    twice, once = "- [ ] a\n- [ ] a\n", "- [ ] a\n"
    before = written(twice.replace("- [ ] a\n", "- [x] a\n", 1), once)
    assert comment.with_ticks(written(twice, once), before) == before
    assert comment.with_ticks(written(once, once), before) == written("- [x] a\n", once)
    assert comment.with_ticks(written("- [ ] b\n", once), before) == written("- [ ] b\n", once)


# At any size


def many(number: int, **changes: Any) -> Report:
    """Findings of all severities in half as many migrations."""
    severities = list(Severity)
    return samples.report(
        *(
            samples.finding(
                migration=f"{place // 2:04}_x",
                severity=severities[place % 3],
                fingerprint=f"{place:016}",
                message=f"message {place} " + "x" * 60,
                **changes,
            )
            for place in range(number)
        ),
        migrations=tuple(samples.migration(samples.operation(), name=f"{place:04}_x") for place in range(number // 2)),
    )


@pytest.mark.parametrize("number", [1, 30, 2000])
def test_it_fits(number: int) -> None:
    shown = render(many(number), PROVEN, test_plan.REPORT)
    assert 1000 < len(shown) <= comment.LIMIT
    tokens, _ = readers.assert_markdown(shown)
    assert sum(token.type == "fence" for token in tokens) > number % 1000 // 2
    assert ("Left out for want of room" in shown) is (number == 2000)


def test_what_is_worth_least_goes_first() -> None:
    full = len(render(many(30)))
    shown = [render(many(30), limit=limit) for limit in (full + 600, full - 100, full // 2, full // 4, 4_000)]
    sql = [one.count("```sql") for one in shown]
    folds = [one.count("<summary>") for one in shown]
    told = [one.count(" message ") for one in shown]
    assert sql == sorted(sql, reverse=True)
    assert (sql[0], folds[0], told[0]) == (30, 30, 30)
    assert 0 < sql[1] < folds[1] == 30
    assert sql[2] == 0 < folds[2] < 30
    assert folds[3] < folds[2]
    assert told[4] < 30
    for one in shown:
        readers.assert_markdown(one)
        # No SQL of a warning is there if that of an error is not, and so on for all that is told.
        signs = re.findall(r"^<summary>(\S+) MS201", one, re.MULTILINE)
        assert signs == sorted(signs, key=["❌", "⚠️", "ℹ️"].index)
    assert "Left out" not in shown[0]
    note = re.search(r"\*\*Left out for want of room:\*\* (.*)\. The JSON", shown[1])
    assert note
    assert note[1] == f"SQL ({30 - sql[1]})"


def test_what_is_oversized_keeps_nothing_else_out() -> None:
    huge = samples.operation(sql=f"SELECT '{'x' * 200_000}'")
    one = replace(
        many(3),
        migrations=(samples.migration(huge, name="0000_x"), samples.migration(samples.operation(), name="0001_x")),
    )
    shown = render(one)
    assert shown.count("```sql") == 3
    assert "more characters\n```" in shown
    wordy = many(3, why="why " * 50_000, fix=f"Do `{'x' * 100_000}`:\n\n```python\n{'x' * 100_000}\n```")
    readers.assert_markdown(render(wordy))
    assert render(wordy).count("<summary>") == 3


# Text of users


@settings(deadline=None, max_examples=50)
@given(reports(), NAME, NAME, st.sampled_from(get_args(comment.Flavour)), st.sampled_from([4_000, 10_000, 60_000]))
def test_nothing_of_users_acts(hostile: Report, one: str, other: str, flavour: Any, limit: int) -> None:
    (migration,) = hostile.migrations
    proof = verified.verification(one, app=migration.app, why=other)
    proofs = replace(proof, migration=migration.name), proof
    proven = verified.report(*proofs, unreached=(other,), signals={one: other})
    shown = render(hostile, proven, hostile_plan(one, other), project=one, flavour=flavour, limit=limit)
    assert len(shown) <= limit
    assert comment.is_about(shown, one)
    readers.assert_inert(shown)
    assert readers.commands(shown)[0] == []
    tokens, tags = readers.assert_markdown(shown)
    assert tags == ["details", "summary", "/summary", "/details"] * (len(tags) // 4)
    assert {len(row) for row in readers.table(tokens)} <= {3, 6, 7}


def hostile_plan(one: str, other: str) -> PlanReport:
    return test_plan.report(
        replace(
            test_plan.PLAN,
            targets=(one,),
            unsolved=(replace(test_plan.UNSOLVED, why=one, instead=other),),
            notes=(other,),
        )
    )


def test_what_foreign_reports_say_of_themselves_is_cut() -> None:
    wordy = replace(REPORT, django="\u202e" * 100_000, migsafe="x" * 100_000, postgres=10**4000)
    plan = test_plan.report(replace(test_plan.PLAN, targets=("y" * 100_000,)))
    assert len(render(wordy, plan, project="z" * 100_000)) <= comment.LIMIT
    assert len(render(replace(wordy, findings=()))) < 10_000


def test_numbers_of_foreign_reports_may_be_wrong() -> None:
    odd = tuple(samples.finding(operation=number, fingerprint=f"{number}") for number in (-1, 7, 0))
    readers.assert_markdown(
        render(samples.report(*odd[:2], replace(odd[2], statement=9), migrations=REPORT.migrations))
    )


def test_it_needs_no_django() -> None:
    script = "import sys, migsafe.report.comment, migsafe.report.reading; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_verifications_alone_are_enough() -> None:
    bare = replace(verified.ALL, findings=tuple(replace(one, docs=None) for one in verified.ALL.findings))
    tokens, _ = readers.assert_markdown(render(bare))
    assert len(readers.table(tokens)) == len(verified.ALL.migrations)
