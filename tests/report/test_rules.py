"""Rules in the terminal: one in full, and the table of them, at several widths."""

import msgspec
import pytest
from rich.text import Text

from migsafe.model import Axis, Described, Severity
from migsafe.report.rules import Rules, explanation, table

INDEX = Described(
    code="MS201",
    name="index_not_concurrent",
    severity=Severity.WARNING,
    default_severity=Severity.ERROR,
    axis=Axis.LOCKS,
    summary="An index built without CONCURRENTLY",
    catches="`CREATE INDEX` on a table in use:\n`AddIndex`, SQL.\n\n- one\n- two\n\n```python\nAddIndex(\n    …)\n```",
    why="Nobody can write to the table until the index is built.",
    instead="Build it concurrently.",
    docs="https://example.org/docs/rules/MS201.md",
)
PLUG_IN = Described(
    code="HOUSE101",
    name="money_as_float",
    severity=Severity.ERROR,
    default_severity=Severity.ERROR,
    axis=Axis.DATA,
    summary="Money in [red]binary[/red] fractions",
    catches="`FloatField`.",
    why="Cents get lost.",
    instead="`DecimalField`.",
    docs=None,
)
BOTH = Rules(rules=(INDEX, PLUG_IN))


def test_an_explanation_at_60_columns() -> None:
    assert explanation([INDEX], width=60) == (
        "── MS201 index_not_concurrent ──────────────────────────────\n"
        "\n"
        "An index built without CONCURRENTLY.\n"
        "\n"
        "severity warning (configured; its own is error)\n"
        "about    locks: what it does to traffic\n"
        "catches  `CREATE INDEX` on a table in use: `AddIndex`, SQL.\n"
        "\n"
        "         - one\n"
        "         - two\n"
        "         AddIndex(\n"
        "             …)\n"
        "why      Nobody can write to the table until the index is\n"
        "         built.\n"
        "instead  Build it concurrently.\n"
        "mute     # migsafe: ignore[MS201]: why it does no harm here\n"
        "docs     https://example.org/docs/rules/MS201.md\n"
    )


def test_several_explanations_and_a_rule_without_a_page() -> None:
    text = explanation([INDEX, PLUG_IN], width=60)
    assert text.startswith(explanation([INDEX], width=60))
    assert text.endswith(
        "\n\n── HOUSE101 money_as_float ─────────────────────────────────\n"
        "\n"
        "Money in [red]binary[/red] fractions.\n"
        "\n"
        "severity error\n"
        "about    data: what it does to rows\n"
        "catches  `FloatField`.\n"
        "why      Cents get lost.\n"
        "instead  `DecimalField`.\n"
        "mute     # migsafe: ignore[HOUSE101]: why it does no harm here\n"
    )


def test_what_no_comment_can_accept_has_no_comment_to_copy() -> None:
    rule = msgspec.structs.replace(INDEX, suppressable=False)
    assert "ignore[MS201]" not in explanation([rule])


def test_without_a_terminal_each_rule_has_one_line() -> None:
    assert table(BOTH) == (
        "MS201     index_not_concurrent  warning  locks  An index built without CONCURRENTLY\n"
        "HOUSE101  money_as_float        error    data   Money in [red]binary[/red] fractions\n"
        "2 rules\n"
    )


def test_on_a_wide_terminal_too() -> None:
    assert table(BOTH, width=120) == table(BOTH)


def test_on_a_narrow_terminal_summaries_stand_below() -> None:
    assert table(BOTH, width=40) == (
        "MS201     index_not_concurrent\n"
        "          warning, locks: An index built\n"
        "          without CONCURRENTLY\n"
        "HOUSE101  money_as_float\n"
        "          error, data: Money in\n"
        "          [red]binary[/red] fractions\n"
        "2 rules\n"
    )


@pytest.mark.parametrize("width", [12, 30, 80])
def test_no_terminal_is_too_narrow(width: int) -> None:
    for text in (table(BOTH, width=width), explanation([INDEX], width=width)):
        assert "MS201" in text
        assert "…" not in text.replace("    …)", "")


def test_colours_change_nothing_in_the_text() -> None:
    for color, plain in (
        (table(BOTH, width=60, color=True), table(BOTH, width=60)),
        (explanation([INDEX], width=60, color=True), explanation([INDEX], width=60)),
    ):
        assert "\x1b[1;33mwarning" in color
        seen = [Text.from_ansi(line).plain.rstrip() for line in color.splitlines()]
        assert seen == plain.replace("`", "").splitlines()


def test_an_empty_table() -> None:
    assert table(Rules(rules=())) == "0 rules\n"
