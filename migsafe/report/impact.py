"""What a migration does to a server in use, in a few words each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from migsafe.model import Axis, Effect, Finding, LockMode, Migration, Severity, Statement
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.throughput import duration
from migsafe.report.page import listed
from migsafe.report.plan import MOST_TABLES, on_others
from migsafe.verification import Run

Place = tuple[int | None, int | None]
"""Operation and statement."""

NOTHING = "–"
UNKNOWN = "not known"


class Impact(NamedTuple):
    """Cells of a table.

    Attributes:
        lock: The strongest table lock, on what was there before.
        blocks: What other sessions cannot do meanwhile, and where.
        estimate: For how long.
        is_known: Whether that is all.
    """

    lock: str
    blocks: str
    estimate: str
    is_known: bool


def impact(migration: Migration, findings: Iterable[Finding], forward: Run | None, *, is_read: bool) -> Impact:
    """Sum up a migration.

    Args:
        findings: In it, whether accepted or not: they have the estimates.
        forward: What a real server has executed, if one has.
        is_read: Whether all its operations are known.
    """
    numbered: list[tuple[tuple[int, int], Statement]] = [
        ((operation.index, number), on_others(statement, migration.made))
        for operation in migration.operations
        for number, statement in enumerate(operation.statements)
    ]
    statements = [statement for _, statement in numbered]
    effects = [effect for statement in statements for effect in statement.effects]
    opaque = [one.index for one in migration.operations if one.opaque]
    known = is_read and not opaque and all(one.analysed for one in statements)
    if not known and forward and not forward.failure and all(one.observed is not None for one in forward.statements):
        known = True
        effects += [effect for one in forward.statements for effect in one.observed or ()]
    lock = max((one.lock for one in effects), default=None)
    blocked = list(_blocked(effects, "\n".join(one.sql for one in statements)))
    nothing = NOTHING if known else UNKNOWN
    stopped = {place for place, one in numbered if any(stops_traffic(each.lock) for each in one.effects)}
    lasting: set[Place] = {place for place, one in numbered if _lasts(one)}
    if migration.atomic and stopped:
        lasting |= {(index, None) for index in opaque if index > min(stopped)[0]}
    stops = any(stops_traffic(one.lock) for one in effects)
    return Impact(
        lock=nothing if lock is None else lock.value if known else f"at least {lock.value}",
        blocks="; ".join([*blocked, *["perhaps more"] * (not known)]) if blocked else nothing,
        estimate=_lasting(lasting, list(findings), atomic=migration.atomic) if stops else nothing,
        is_known=known,
    )


def _blocked(effects: Sequence[Effect], written: str) -> Iterator[str]:
    """``reads and writes of orders_order``; indexes and the like, which no statement names, are only counted."""
    reads = {one.relation for one in effects if "reads" in one.blocks}
    writes = {one.relation for one in effects if "writes" in one.blocks} - reads
    for what, relations in (("reads and writes", reads), ("writes", writes)):
        named = [name for name in sorted(relations) if name.rpartition(".")[2] in written] or sorted(relations)
        shown, more = named[:MOST_TABLES], len(relations) - min(len(named), MOST_TABLES)
        if relations:
            yield f"{what} of {listed([*shown, *[f'{more} more'] * (more > 0)])}"


def _lasting(lasting: set[Place], findings: Sequence[Finding], *, atomic: bool) -> str:
    """For how long others wait.

    Args:
        lasting: What they wait for longer than a moment.
    """
    seconds: dict[Place, float] = {}
    for one in findings:
        if one.estimate:
            place = one.operation, one.statement
            seconds[place] = max(seconds.get(place, 0), one.estimate.seconds)
    brief, not_brief = (
        {
            (one.operation, one.statement)
            for one in findings
            if one.axis is Axis.LOCKS and (one.severity is Severity.INFO) is is_brief
        }
        for is_brief in (True, False)
    )
    lasting = lasting - (brief - not_brief)  # the table is known to be small
    if not seconds:
        return "depends on size" if lasting else "a moment"
    # The locks of one transaction are held until it ends.
    total = duration((sum if atomic else max)(seconds.values()))
    return f"{total}, and more" if lasting - seconds.keys() else total


def _lasts(statement: Statement) -> bool:
    """Whether others wait while it works on rows."""
    works = [one for one in statement.effects if one.scans or one.rewrites or one.lock is LockMode.ROW_EXCLUSIVE]
    return bool(works) and (bool(statement.held) or any(stops_traffic(one.lock) for one in works))
