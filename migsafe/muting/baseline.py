"""The baseline: findings that were there when migsafe came, in a file that the team keeps.

One line each, sorted, with nothing in it that moves with lines: what changes in it is readable in a review.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from migsafe.errors import InputError
from migsafe.model import Finding, Suppressed
from migsafe.muting import UNSUPPRESSABLE, Muted
from migsafe.rules import stale_baseline_entry

NAME = "migsafe-baseline.json"
"""The file's name where nobody says another."""


class Entry(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        migration: ``APP.NAME``; ``APP`` for what is about an app as a whole.
        message: For people; the fingerprint decides.
    """

    migration: str
    code: str
    message: str
    fingerprint: str


class _File(msgspec.Struct, frozen=True):
    version: int
    findings: tuple[Entry, ...]


class Baseline(msgspec.Struct, frozen=True):
    """A baseline and where it stands.

    Attributes:
        lines: Line of each entry in the file.
    """

    path: Path
    entries: tuple[Entry, ...]
    lines: dict[str, int]


def render(findings: Iterable[Finding], kept: Iterable[Entry] = ()) -> str:
    """The text of a baseline with these findings, without those that cannot be suppressed.

    Args:
        kept: Entries that it has beside them.
    """
    entries = [
        Entry(".".join(filter(None, (one.app, one.migration))), one.code, one.message, one.fingerprint)
        for one in findings
        if one.code not in UNSUPPRESSABLE
    ]
    ordered = sorted((*entries, *kept), key=msgspec.structs.astuple)
    lines = [msgspec.json.encode(entry).decode() for entry in ordered]
    body = "".join(f"\n  {line}," for line in lines).removesuffix(",")
    return f'{{"version": 1, "findings": [{body}\n]}}\n'


def read(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: There is no such file, or it is not a baseline.
    """
    hint = "migsafe baseline writes such a file."
    try:
        text = path.read_text(encoding="utf-8")
        file = msgspec.json.decode(text, type=_File)
    except OSError as error:
        raise InputError(f"the baseline {path} cannot be read: {error.strerror}", hint) from error
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise InputError(f"{path} is not a baseline: {error}", hint) from error
    if file.version != 1:
        raise InputError(f"{path} is a baseline of version {file.version}, which this migsafe does not know", hint)
    lines = text.splitlines()
    places = {
        entry.fingerprint: next(number for number, line in enumerate(lines, 1) if entry.fingerprint in line)
        for entry in file.findings
    }
    return Baseline(path, file.findings, places)


def without(
    muted: Muted,
    baseline: Baseline,
    *,
    looked_at: Collection[str],
    existing: Collection[str],
    run: Collection[str],
    known: Collection[str],
    shown: str,
) -> Muted:
    """Take out what the baseline has; add its entries that no longer match.

    Args:
        looked_at: Migrations (``APP.NAME``) of this run, and apps of which all findings are known.
        existing: All migrations of the project.
        run: Codes of the rules that were run.
        known: Codes of all rules.
        shown: The file's path as reports show it.
    """
    entries = {entry.fingerprint for entry in baseline.entries}
    accepted = [one for one in muted.findings if one.fingerprint in entries and one.code not in UNSUPPRESSABLE]
    found = {one.fingerprint for one in accepted} | {one.finding.fingerprint for one in muted.suppressed}
    stale = [
        stale_baseline_entry.finding(
            entry.code,
            entry.migration,
            entry.message,
            fingerprint=entry.fingerprint,
            file=shown,
            line=baseline.lines[entry.fingerprint],
        )
        for entry in baseline.entries
        if entry.fingerprint not in found
        and (entry.code in run or entry.code not in known)
        and (entry.migration in looked_at or ("." in entry.migration and entry.migration not in existing))
        and stale_baseline_entry.rule.code in run
    ]
    return Muted(
        findings=(*(one for one in muted.findings if one not in accepted), *stale),
        suppressed=(*muted.suppressed, *(Suppressed(one, f"in the baseline {shown}", "baseline") for one in accepted)),
    )
