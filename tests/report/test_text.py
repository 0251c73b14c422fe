"""The text report, as people see it: at several widths, with and without colour."""

import pytest
from rich.text import Text

from migsafe.model import Effect, LockMode, Unanalysed
from migsafe.report import page, text
from tests.report.samples import SHARE, finding, migration, operation, report

WIDTHS = [60, 80, 120, 200]
ONE = report(finding(), migrations=(migration(operation()), migration(name="0043_quiet")))


def test_a_finding_at_80_columns() -> None:
    assert text.render(ONE, width=80) == (
        "── orders.0042_index ───────────────────────────────────────────────────────────\n"
        "\n"
        "error    MS201 Building index idx holds SHARE on orders_order until it is done\n"
        "at       shop/orders/migrations/0042_index.py:12  AddIndex\n"
        'sql      CREATE INDEX "idx" ON "orders_order" ("status")\n'
        "lock     Nobody can write to orders_order until every row has been read (SHARE)\n"
        "why      PostgreSQL reads every row. Until that is done, every request that\n"
        "         saves to orders_order waits.\n"
        "fix      Build it in a migration of its own, outside a transaction, with `atomic\n"
        "         = False`:\n"
        "         operations = [\n"
        '             AddIndexConcurrently(model_name="order", index=models.Index(fields=["status"], '
        'name="orders_status_idx_long_name")),\n'
        "         ]\n"
        "\n"
        "1 error in 1 of 2 migrations, 1 statement (Django 5.2.19, PostgreSQL 16)\n"
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_prose_fits_and_code_stays_in_one_piece(width: int) -> None:
    lines = text.render(ONE, width=width).splitlines()
    too_wide = [line for line in lines if len(line) > min(width, page.WIDEST)]
    assert all("AddIndexConcurrently" in line for line in too_wide)
    assert not any(line != line.rstrip() for line in lines)


def test_a_place_stays_in_one_piece_however_narrow_the_terminal() -> None:
    assert "at       shop/orders/migrations/0042_index.py:12  AddIndex\n" in text.render(ONE, width=30)


def test_without_a_terminal_there_is_one_width_and_no_escape_sequence() -> None:
    plain = text.render(ONE)
    assert "\x1b" not in plain
    assert max(len(line) for line in plain.splitlines() if "AddIndex" not in line) == page.PLAIN_WIDTH


def test_colours_change_nothing_in_the_text() -> None:
    colored = text.render(ONE, width=80, color=True)
    assert "\x1b[1;31merror" in colored
    seen = [Text.from_ansi(line).plain for line in colored.splitlines()]
    assert seen == [line.replace("`", "") for line in text.render(ONE, width=80).splitlines()]


def test_only_the_terminals_own_sixteen_colours_are_used() -> None:
    colored = text.render(ONE, width=80, color=True)
    assert "38;5" not in colored
    assert "38;2" not in colored
    assert "\x1b[37m" not in colored  # white cannot be read on white
    assert "\x1b[30m" not in colored


def test_nothing_dangerous_says_what_was_looked_at() -> None:
    opaque = Unanalysed(
        app="orders", migration="0042_index", operation=0, path="x.py", line=1, kind="opaque", reason="runs Python code"
    )
    quiet = report(migrations=(migration(operation()),), unanalysed=(opaque,))
    assert text.render(quiet) == (
        "1 migration, 1 statement, nothing dangerous; 1 RunPython not run (Django 5.2.19, PostgreSQL 16)\n"
    )
    assert text.render(report()) == "No migrations to look at (Django 5.2.19, PostgreSQL 16)\n"


def test_what_could_not_be_analysed_is_counted() -> None:
    failed = Unanalysed(
        app="orders",
        migration="0042_index",
        operation=1,
        path="x.py",
        line=7,
        kind="replay",
        reason="needs a connection",
    )
    shown = text.render(report(migrations=(migration(operation()),), unanalysed=(failed,)))
    assert shown == "1 migration, 1 statement, nothing dangerous; 1 not analysed (Django 5.2.19, PostgreSQL 16)\n"


def test_many_findings_of_one_rule_say_why_once_and_how_to_fix_the_first() -> None:
    operations = tuple(operation(index) for index in range(5))
    shown = text.render(report(*(finding(index) for index in range(5)), migrations=(migration(*operations),)))
    assert shown.count("error    MS201") == 5
    assert shown.count("\nwhy ") == 1
    assert shown.count("AddIndexConcurrently") == 1
    assert "The other 4 in the same way" in shown


def test_few_findings_of_one_rule_show_each_fix() -> None:
    shown = text.render(report(finding(0), finding(1), migrations=(migration(operation(0), operation(1)),)))
    assert shown.count("\nwhy ") == 1
    assert shown.count("AddIndexConcurrently") == 2


def test_locks_that_are_alike_are_one_sentence() -> None:
    held = [
        Effect(name, LockMode.ACCESS_EXCLUSIVE, False, False, ("reads", "writes", "ddl")) for name in ("a", "b", "c")
    ]
    shown = text.render(report(finding(effects=(SHARE, *held)), migrations=(migration(operation()),)))
    assert "lock     Nobody can write to orders_order until every row has been read (SHARE)\n" in shown
    assert "         Nobody can read or write a, b and c all that time (ACCESS EXCLUSIVE)\n" in shown


def test_users_text_is_neither_markup_nor_escape_sequences() -> None:
    nasty = "[bold red]x[/] \x1b[31m :smile:"
    shown = text.render(
        report(finding(message=nasty, why=nasty, fix=nasty), migrations=(migration(operation(sql=nasty)),)), width=120
    )
    assert "\x1b" not in shown
    assert shown.count("[bold red]x[/] \\x1b[31m :smile:") == 4


def test_a_long_statement_is_cut() -> None:
    sql = "INSERT INTO t VALUES\n" + ",\n".join(f"({number})" for number in range(100))
    shown = text.render(report(finding(), migrations=(migration(operation(sql=sql)),)))
    assert "more lines" in shown
    assert len(shown.splitlines()) < 40


def test_a_finding_without_a_statement() -> None:
    shown = text.render(report(finding(statement=None, effects=()), migrations=(migration(operation()),)))
    assert "\nsql " not in shown
    assert "\nlock " not in shown
