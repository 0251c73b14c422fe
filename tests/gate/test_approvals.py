"""Approvals as people write them, and what is said of those that are not right."""

from datetime import date
from pathlib import Path

import pytest

from migsafe.errors import ConfigError, InputError, MigsafeError
from migsafe.gate import approvals
from migsafe.predeploy import Approval


@pytest.mark.parametrize(
    ("text", "approval"),
    [
        (
            "MS201:orders.0042_index=closed = quiet",
            Approval(code="MS201", migration="orders.0042_index", reason="closed = quiet"),
        ),
        (" ms916=we know: it is one ", Approval(code="MS916", migration=None, reason="we know: it is one")),
    ],
)
def test_allow(text: str, approval: Approval) -> None:
    assert approvals.allowed(text) == approval


@pytest.mark.parametrize(
    "text", ["", "MS201", "MS201=", "MS201= ", "=x", ":orders.0042=x", "MS201:=x", "MS201 orders=x"]
)
def test_an_allow_without_a_code_or_a_reason(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        approvals.allowed(text)
    assert f"--allow: {text!r} is not CODE:app.migration=reason" in raised.value.message
    assert raised.value.hint is not None


FIRST = '[[approval]]\ncode = "ms201"\nmigration = "orders.0042_index"\nreason = "closed"\nby = "anna"\n'


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f'{FIRST}until = 2026-03-01\n\n[[approval]]\ncode = "MS916"\nreason = "x"\nby = "ben"\n')
    one, other = approvals.read(file)
    assert (one.code, one.migration, one.by, one.until) == ("MS201", "orders.0042_index", "anna", date(2026, 3, 1))
    assert (other.migration, other.until) == (None, None)
    file.write_text("")
    assert approvals.read(file) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FIRST.replace('by = "anna"\n', ""), "missing required field `by`"),
        (FIRST.replace('"closed"', '" "'), "`$.approval[0].reason`"),
        (f"{FIRST}untill = 2026-03-01\n", "unknown field `untill`"),
        (f'{FIRST}until = "soon"\n', "`$.approval[0].until`"),
        (f"{FIRST}until = 2026-02-30\n", "Invalid date or datetime"),
        (FIRST.replace("approval", "approvals"), "unknown field `approvals`"),
        ("[[approval]", "line 1"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(InputError) as raised:
        approvals.read(file)
    assert "a.toml is no file of approvals" in raised.value.message
    assert said in raised.value.message


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(MigsafeError, match="cannot be read"):
        approvals.read(tmp_path / "gone.toml")
    (tmp_path / "b.toml").write_bytes(b'code = "\xff"')
    with pytest.raises(InputError, match="is no file of approvals"):
        approvals.read(tmp_path / "b.toml")


def test_codes_that_no_rule_has_are_named_all_at_once() -> None:
    given = [approvals.allowed(f"{code}=x") for code in ("MS201", "MS20I", "MS999")]
    with pytest.raises(ConfigError) as raised:
        approvals.check(given, ["MS201", "MS202"])
    assert raised.value.message.splitlines()[0].startswith("--allow: there is no rule 'MS20I'")
    assert len(raised.value.message.splitlines()) == 2
