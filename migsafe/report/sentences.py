"""What several formats say in the same words."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from migsafe.applied import HistoryReport
from migsafe.model import Axis, Effect, Evidence, Finding, Report, Severity, Suppressed
from migsafe.planning import PlanReport
from migsafe.postgres.words import lasting, waiting
from migsafe.predeploy import GateReport
from migsafe.report import gate, history, plan, verdicts
from migsafe.report.inert import one_line
from migsafe.report.page import count, listed
from migsafe.verification import VerifyReport

Kind = Literal["error", "warning", "info", "fine", "open", "versions", ""]
"""What a part of the summary is, for those who colour it."""


DIFF_LINES = 24
"""How many lines of a diff are shown; JSON has all."""

LONGEST_LINE = 400
"""Characters of such a line."""


def summary(report: Report) -> Iterator[tuple[str, Kind]]:
    """One line that stands alone, in parts: what was looked at, what was found, what was not."""
    found = [(severity, number) for severity in Severity if (number := getattr(report.summary, severity))]
    numbers: list[tuple[str, Kind]] = []
    for severity, number in found:
        if numbers:
            numbers.append((", ", ""))
        numbers.append((count(number, severity), severity.value))
    if isinstance(report, HistoryReport):
        yield f"{history.summary(report)}; ", ""
        yield from numbers or [("nothing to object to", "fine")]
    elif isinstance(report, PlanReport):
        yield "; ".join(plan.summary(report)), ""
    elif isinstance(report, GateReport):
        yield gate.summary(report), "fine" if report.go else "error"
        if numbers:
            yield "; ", ""
            yield from numbers
    elif not report.migrations and not found:
        yield "No migrations to look at", ""
    elif isinstance(report, VerifyReport):
        yield f"{count(len(report.migrations), 'migration')}: {'; '.join(verdicts.summary(report))}; ", ""
        yield from numbers or [("nothing to object to", "fine")]
    else:
        statements = sum(len(operation.statements) for one in report.migrations for operation in one.operations)
        looked_at = f"{count(len(report.migrations), 'migration')}, {count(statements, 'statement')}"
        affected = len({(one.app, one.migration) for one in report.findings if one.migration})
        yield from numbers
        if numbers:
            yield f" in {affected} of {looked_at}" if 0 < affected < len(report.migrations) else f" in {looked_at}", ""
        else:
            yield f"{looked_at}, ", ""
            yield "nothing dangerous", "fine"
    kinds = Counter(one.kind for one in report.unanalysed)
    if kinds["opaque"]:
        yield f"; {kinds['opaque']} RunPython not run", ""
    if others := kinds.total() - kinds["opaque"]:
        yield f"; {others} not analysed", "open"
    yield from ((f"; {words}", "") for words in _aside(report))
    yield f" (Django {report.django}, {_server(report)})", "versions"


def _aside(report: Report) -> Iterator[str]:
    """What does not count: what is accepted, and what was not looked at."""
    by = Counter(one.by if is_answered_for(one) else "" for one in report.suppressed)
    for who, words in (("ledger", "accepted in the ledger"), ("approval", "approved"), ("", "suppressed")):
        if by[who]:
            yield f"{by[who]} {words}"
    skipped = [
        (report.skipped.initial, "initial"),
        (report.skipped.start_after, "up to start-after"),
        (report.skipped.rewritten, "only written otherwise"),
    ]
    if left_out := [f"{number} {what}" for number, what in skipped if number]:
        yield f"left out: {', '.join(left_out)}"


def _server(report: Report) -> str:
    if isinstance(report, GateReport):
        return f"PostgreSQL {one_line(report.status.release)}"
    if isinstance(report, VerifyReport):
        return f"PostgreSQL {report.server}, {report.provider}, {report.rows:,} rows a table"
    return f"PostgreSQL {report.postgres}"


def locks(finding: Finding) -> Iterator[str]:
    """Who can do what no longer while the statement runs; relations that are locked alike in one sentence."""
    long = any(effect.rewrites or effect.scans for effect in finding.effects)
    relations: dict[tuple[Effect, str], list[str]] = {}
    for effect in finding.effects:
        alike = msgspec.structs.replace(effect, relation="")
        relations.setdefault((alike, lasting(effect, long=long)), []).append(effect.relation)
    for (effect, duration), names in relations.items():
        who = waiting(msgspec.structs.replace(effect, relation=listed(names)))
        # A finding about locks that neither reads nor writes every row says itself for how long.
        unsaid = finding.axis is Axis.LOCKS and not long
        yield f"{who[:1].upper()}{who[1:]}{'' if unsaid else f' {duration}'} ({effect.lock.value})"


def in_ledger(suppressed: Suppressed) -> bool:
    """Whether it is an edit that ``migsafe accept`` was told of."""
    return suppressed.by == "ledger"


def is_answered_for(suppressed: Suppressed) -> bool:
    """Whether somebody was asked for this one alone: all formats show these, whatever else is muted."""
    return suppressed.by in ("ledger", "approval")


def observed(finding: Finding) -> Iterator[str]:
    """What a finding rests on, a paragraph each."""
    for one in finding.evidence:
        yield f"{one.label}:\n{diff(one)}" if one.kind == "diff" else f"{one.label}: {one.text}"


def diff(evidence: Evidence) -> str:
    """As much of a diff as is worth reading."""
    lines = [f"{one[:LONGEST_LINE]} …" if len(one) > LONGEST_LINE else one for one in evidence.text.split("\n")]
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES - 1 :] = [f" … and {len(lines) - DIFF_LINES + 1} more lines"]
    return "\n".join(lines)


def place(path: str | None, line: int | None) -> str:
    """``path:line``, as editors and terminals follow it."""
    return ":".join(str(part) for part in (path, line) if part is not None)
