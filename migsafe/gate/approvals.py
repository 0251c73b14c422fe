"""What somebody answers for: ``--allow``, and a file that says who, why and until when.

::

    [[approval]]
    code = "MS204"
    migration = "orders.0042_index"     # without it: what is about the server
    reason = "the shop is closed from 2 to 4"
    by = "anna@example.org"
    until = 2026-12-01                  # the last day; without it, for good
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

from migsafe.config import did_you_mean
from migsafe.errors import ConfigError, InputError
from migsafe.model import Finding, Suppressed
from migsafe.predeploy import Approval, Considered
from migsafe.project.load import show

_ALLOW = re.compile(r"(?P<code>\w+)(?::(?P<migration>[^=]+))?=(?P<reason>.*\S.*)")

_NUMBER = re.compile(r"\w+\.\d+")

Words = Annotated[str, msgspec.Meta(pattern=r"\S")]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Words
    reason: Words
    by: Words
    migration: Words | None = None
    until: date | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    approval: tuple[_Entry, ...] = ()


def allowed(text: str) -> Approval:
    """Read what ``--allow`` takes: ``CODE:app.migration=reason``, or ``CODE=reason`` for what is about the server.

    Raises:
        ConfigError: It is nothing of that kind.
    """
    found = _ALLOW.fullmatch(text.strip())
    if found is None:
        raise ConfigError(
            f"--allow: {text!r} is not CODE:app.migration=reason",
            "Say why: --allow 'MS204:orders.0042_index=the shop is closed'.",
        )
    return Approval(code=found["code"].upper(), migration=found["migration"], reason=found["reason"].strip())


def read(file: Path) -> tuple[Approval, ...]:
    """Read a file of approvals.

    Raises:
        InputError: It cannot be read, or has another shape.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        entries = msgspec.convert(content, _File).approval
    except OSError as error:
        raise InputError(f"{show(file)} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{show(file)} is no file of approvals: {error}", "docs/gate.md says what it has.") from error
    return tuple(
        Approval(
            code=one.code.upper(),
            migration=one.migration,
            reason=one.reason,
            by=one.by,
            until=one.until,
            source=show(file),
        )
        for one in entries
    )


def check(approvals: Iterable[Approval], codes: Collection[str]) -> None:
    """Refuse approvals of what no rule is called.

    Raises:
        ConfigError: All of them in one message.
    """
    mistakes = [
        f"{one.source}: there is no rule {one.code!r}{did_you_mean(one.code, codes)}"
        for one in approvals
        if one.code not in codes
    ]
    if mistakes:
        raise ConfigError("\n".join(mistakes), "migsafe rules lists them all.")


def approve(
    findings: Sequence[Finding], approvals: Sequence[Approval], today: date
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...], tuple[Considered, ...]]:
    """Take out what somebody answers for.

    Args:
        today: Approvals that ended before it count as absent.

    Returns:
        The findings that are left, those that are approved, and what has become of each approval.
    """
    valid = [one for one in approvals if one.until is None or today <= one.until]
    used: set[int] = set()
    left: list[Finding] = []
    approved: list[Suppressed] = []
    for finding in findings:
        about = f"{finding.app}.{finding.migration}" if finding.migration else None
        answer = next((one for one in valid if one.code == finding.code and _names(one.migration, about)), None)
        if answer is None:
            left.append(finding)
        else:
            used.add(id(answer))
            approved.append(Suppressed(finding, _reason(answer), "approval"))
    considered = (
        Considered(approval=one, status="used" if id(one) in used else "unused" if one in valid else "expired")
        for one in approvals
    )
    return tuple(left), tuple(approved), tuple(considered)


def _names(given: str | None, migration: str | None) -> bool:
    """Whether a migration is what is given: in full, or ``app.0042`` by its number."""
    if given is None or migration is None:
        return given == migration
    return migration == given or (bool(_NUMBER.fullmatch(given)) and migration.startswith(f"{given}_"))


def _reason(approval: Approval) -> str:
    by = f" ({approval.by})" if approval.by else ""
    return f"{approval.reason}{by}"
