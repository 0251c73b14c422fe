"""JSON reports, read back from files: they may come from anywhere, and need no project."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from migsafe.applied import HistoryReport
from migsafe.errors import InputError
from migsafe.model import Report
from migsafe.planning import PlanReport
from migsafe.predeploy import GateReport
from migsafe.verification import VerifyReport

VERSION = 1
"""Of the JSON contract (`Report.version`)."""

Command = Literal["lint", "verify", "plan", "history", "gate"]

_KINDS: tuple[tuple[Command, type[Report], str], ...] = (
    ("plan", PlanReport, "plan"),
    ("gate", GateReport, "pending"),
    ("verify", VerifyReport, "verifications"),
    ("history", HistoryReport, "unread"),
    ("lint", Report, "findings"),
)
"""What writes a report, its type, and what no other kind has."""


COMMANDS: tuple[Command, ...] = ("lint", "verify", "plan", "history")
"""What is known before a deploy goes anywhere."""


def command(report: Report) -> Command:
    """Which command has written a report."""
    return next(command for command, kind, _ in _KINDS if isinstance(report, kind))


def read(path: Path, commands: Sequence[Command] = COMMANDS) -> Report:
    """Read what a command has written with ``--format json``.

    Args:
        commands: Those whose reports are welcome.

    Raises:
        InputError: It cannot be read, is something else, or of a version that is not known here.
    """
    wrong = f"{path} is no report of migsafe {' or '.join(filter(None, (', '.join(commands[:-1]), commands[-1])))}"
    hint = f"migsafe {commands[0]} --format json writes one."
    try:
        # msgspec takes no halves of surrogate pairs, which names may have.
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{wrong}: it is no JSON ({error})", hint) from error
    kind = _kind(content, commands)
    if kind is None:
        raise InputError(wrong, hint)
    if content["version"] != VERSION:
        raise InputError(
            f"{path} is a report of version {content['version']}; this migsafe knows version {VERSION}",
            "Read it with the migsafe that has written it.",
        )
    try:
        return msgspec.convert(content, type=kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{wrong}: {error}", hint) from error


def _kind(content: Any, commands: Sequence[Command]) -> type[Report] | None:
    if not isinstance(content, dict) or not {"version", "migsafe"} <= content.keys():
        return None
    command, kind, _ = next((one for one in _KINDS if one[-1] in content), _KINDS[-1])
    return kind if command in commands else None
