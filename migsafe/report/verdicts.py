"""What ``migsafe verify`` proved of a migration, in the words that all formats share."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from migsafe.model import LockMode, Report
from migsafe.postgres.locks import stops_traffic
from migsafe.report.page import count, listed, took
from migsafe.verification import (
    Executed,
    Order,
    RowDifference,
    Run,
    SchemaDifference,
    Stall,
    Verdict,
    Verification,
    VerifyReport,
)

VERDICTS: Mapping[Verdict, tuple[str, str, str]] = {
    "reversible": ("reversible", "reversible", "reversible"),
    "loses data": ("reversible, loses data", "loses data", "lose data"),
    "irreversible": ("irreversible", "irreversible", "irreversible"),
    "not clean": ("does not come back clean", "does not come back clean", "do not come back clean"),
    "not verified": ("not verified", "not verified", "not verified"),
}
"""In words: alone, and after the number of migrations of which it is said."""
ORDERS: Mapping[Order, str] = {
    "any": "any order of deploy",
    "migrate first": "migrate first",
    "code first": "code first",
    "neither": "no order of deploy works",
    "not verified": "order of deploy not tried",
}


def proofs(report: Report) -> Mapping[tuple[str, str], Verification]:
    """Verifications by app and migration; none in a report of ``migsafe lint``."""
    return {(one.app, one.migration): one for one in report.verifications} if isinstance(report, VerifyReport) else {}


def verdict(one: Verification) -> str:
    """Whether it can be undone, or that it cannot even be applied."""
    if one.forward and one.forward.failure:
        return "fails"
    return VERDICTS[one.verdict][0]


def line(one: Verification, *, atomic: bool) -> Iterator[str]:
    """A verdict in parts, the most important first."""
    yield verdict(one)
    yield ORDERS[one.rollout.order]
    if one.refused:
        yield "fails on some rows"
    if one.forward is None:
        return
    if held := longest(one.forward, atomic=atomic):
        seconds, lock = held
        yield f"{lock.value} for {took(seconds)}"
    yield f"{count(len(one.forward.statements), 'statement')} in {took(one.forward.seconds)}"


def longest(run: Run, *, atomic: bool) -> tuple[float, LockMode] | None:
    """How long the lock was held that kept others from reading or writing for the longest time, and which it was.

    Args:
        atomic: Whether the whole migration is one transaction.
    """
    stops = [
        (_until_commit(run.statements[number:], atomic=atomic), effect.lock)
        for number, one in enumerate(run.statements)
        for effect in one.observed or ()
        if stops_traffic(effect.lock)
    ]
    return max(stops, default=None)


def _until_commit(statements: Sequence[Executed], *, atomic: bool) -> float:
    """Seconds that a statement and those after it take in its transaction."""
    first = statements[0]
    if not first.transaction:
        return first.seconds
    rest = takewhile(lambda one: one.transaction and (atomic or one.operation == first.operation), statements)
    return sum(one.seconds for one in rest)


def notes(one: Verification) -> Iterator[tuple[str, str]]:
    """What is worth knowing and no finding: a label and a sentence each."""
    if harmless := [_harmless(difference) for difference in one.schema if difference.harmless]:
        yield "note", f"not quite as before when unapplied, but harmless: {', '.join(harmless)}"
    if added := [_added(difference) for difference in one.rows if difference.added]:
        yield "note", f"left behind when unapplied: {', '.join(added)}"
    for run in one.compared:
        for less in run.differences:
            if not less.exceeds:
                said = f"{less.observed}, not {less.predicted}"
                yield "note", f"{run.direction}, less than predicted on {less.relation}: {said}"
    waited = [stall for stall in one.traffic if stall.lock is not None or stall.errors]
    for stall in waited:
        yield "traffic", _stalled(stall)
    if free := sorted({stall.table for stall in one.traffic} - {stall.table for stall in waited}):
        yield "traffic", f"nobody waited for {listed(free)}"


def _added(difference: RowDifference) -> str:
    if difference.column is None:
        return f"{difference.rows:,} new in {difference.table}"
    return f"values of {difference.table}.{difference.column} ({difference.rows:,})"


def _harmless(difference: SchemaDifference) -> str:
    return f"{'order of columns in' if difference.kind == 'table' else difference.kind} {difference.name}"


def _stalled(stall: Stall) -> str:
    waited = f" for {stall.lock.value}" if stall.lock else ""
    first = next(iter((stall.sql or "").splitlines()), "")
    during = f", during {first[:60]}{' …' if len(first) > 60 else ''}" if first else ""
    return f"{stall.kind} of {stall.table} waited up to {took(stall.seconds)}{waited}{during}"


def summary(report: VerifyReport) -> Iterator[str]:
    """What came out, counted."""
    failed = sum(one.forward is not None and one.forward.failure is not None for one in report.verifications)
    counted = Counter(one.verdict for one in report.verifications if not (one.forward and one.forward.failure))
    said = [f"{counted[what]} {words[min(counted[what], 2)]}" for what, words in VERDICTS.items() if counted[what]]
    yield ", ".join([*said, *[f"{failed} {'fails' if failed == 1 else 'fail'}"] * bool(failed)])
    runs = [run for one in report.verifications for run in one.compared]
    compared = sum(one.predicted is not None and one.observed is not None for run in runs for one in run.statements)
    differences = sum(len(run.differences) for run in runs)
    if compared:
        yield f"{count(compared, 'prediction')}, {differences or 'none'} wrong"
    if report.unreached:
        yield f"{len(report.unreached)} not reached"
