import sys

import click
import pytest

from migsafe import cli
from migsafe.errors import GitError


def exit_code(monkeypatch: pytest.MonkeyPatch, outcome: int | BaseException) -> object:
    @click.command
    def command() -> int:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(cli, "cli", command)
    monkeypatch.setattr(sys, "argv", ["migsafe"])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(0, 0), (1, 1), (click.UsageError("no"), 2), (GitError("no"), 2), (KeyboardInterrupt(), 130)],
    ids=["clean", "findings", "usage", "error", "interrupted"],
)
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, outcome: int | BaseException, code: int) -> None:
    assert exit_code(monkeypatch, outcome) == code


def test_an_error_is_shown_with_its_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(monkeypatch, GitError("no such ref: mian", hint="Did you mean main?"))
    assert capsys.readouterr().err == "error: no such ref: mian\nhint: Did you mean main?\n"


def test_a_crash_is_not_taken_for_findings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(monkeypatch, ZeroDivisionError("division by zero")) == 2
    assert "ZeroDivisionError: division by zero\nerror: migsafe itself failed" in capsys.readouterr().err
