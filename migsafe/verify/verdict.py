"""Whether a migration can be undone, by what happened."""

from msgspec.structs import replace

from migsafe.verification import RowDifference, SchemaDifference, Verdict, Verification


def judged(found: Verification) -> Verification:
    """The same with its verdict, the worst that holds, and what that rests on."""
    verdict, why = _verdict(found)
    return replace(found, verdict=verdict, why=why)


def _verdict(found: Verification) -> tuple[Verdict, str]:
    forward, backward = found.forward, found.backward
    if forward is None:
        return "not verified", "the state before it cannot be reached"
    if forward.failure is not None:
        failure = forward.failure
        return "not verified", ". ".join(
            filter(None, (f"it cannot be applied: {failure.error.rstrip('.')}", failure.hint))
        )
    if backward is None:
        return "not verified", "it was not unapplied"
    if backward.failure is not None:
        return "irreversible", backward.failure.error
    if found.lost:
        return "loses data", "; ".join(map(_lost, found.lost))
    if changed := [one for one in found.schema if not one.harmless]:
        return "not clean", "; ".join(map(_changed, changed))
    return "reversible", ""


def _lost(lost: RowDifference) -> str:
    rows = f"{lost.rows} {'row' if lost.rows == 1 else 'rows'}"
    return f"{lost.table}: {rows}" if lost.column is None else f"{lost.table}.{lost.column} in {rows}"


def _changed(difference: SchemaDifference) -> str:
    how = "is left behind" if difference.before is None else "is gone" if difference.after is None else "is another"
    return f"{difference.kind} {difference.name} {how}"
