"""Predicted against observed, for one statement."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import structs

from migsafe.actions import Copy, CreateTable, Delete, Insert, Merge, Parsed, Select, Truncate, Update
from migsafe.model import Effect, LockMode
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import named
from migsafe.verification import Difference

_PLANNED = (Insert, Update, Delete, Merge, Select, Copy)


def differences(
    parsed: Parsed,
    predicted: Iterable[Effect],
    observed: Iterable[Effect],
    *,
    before: Catalog,
    after: Catalog,
    unread: Collection[str] = (),
    held: Mapping[str, LockMode] = {},
    statement: int = 0,
) -> Iterator[Difference]:
    """Say where a statement that was carried out did something else than predicted, as far as that can be told.

    Args:
        before: The schema that it met.
        after: The schema that it has left.
        unread: Relations of which a predicted scan need not show.
        held: Locks that the transaction held already: only stronger ones are something that it did.
        statement: Its index, for `Difference.statement`.
    """
    expected = {effect.relation: effect for effect in predicted}
    seen = {effect.relation: effect for effect in observed}
    unread = set(unread)
    if any(isinstance(action, Truncate) for action in parsed.actions):
        unread |= expected.keys()  # there is nothing to read for what comes after it
    elif any(isinstance(action, CreateTable) for action in parsed.actions[:-1]):
        unread |= expected.keys()
    if any(isinstance(action, _PLANNED) for action in parsed.actions):
        unread |= expected.keys() | seen.keys()  # what DML reads, the planner says
    # What was done to it before it was dropped, or to an index that was then renamed, does not show.
    relations = sorted(expected.keys() | seen.keys())
    dropped = set(_dropped(relations, before, after))
    for relation in relations:
        one, other = (
            effect and _shown(effect, relation in dropped, relation in unread, held.get(relation))
            for effect in (expected.get(relation), seen.get(relation))
        )
        if one != other and not _excused(parsed, relation, one, other, expected, before):
            yield Difference(
                statement=statement,
                relation=relation,
                predicted=_text(one),
                observed=_text(other),
                exceeds=_exceeds(other, one),
            )


def _shown(effect: Effect, dropped: bool, unread: bool, held: LockMode | None) -> Effect | None:
    """What of an effect can be told from outside."""
    effect = structs.replace(
        effect, rewrites=effect.rewrites and not dropped, scans=effect.scans and not dropped and not unread
    )
    return None if effect.lock == held and not effect.rewrites and not effect.scans else effect


def not_refused(reason: str, statement: int = 0) -> Difference:
    """What is to be said of a statement that was carried out, though it was predicted to fail."""
    return Difference(
        statement=statement, relation="statement", predicted=f"to fail: {reason}", observed="no error", exceeds=True
    )


def _excused(
    parsed: Parsed,
    relation: str,
    predicted: Effect | None,
    observed: Effect | None,
    expected: Collection[str],
    before: Catalog,
) -> bool:
    """Whether a difference is the server's liberty."""
    indexes = {before.display(name) for name in before.index_map}
    partitioned = {before.display(table.name) for table in before.tables.values() if table.kind == "partitioned table"}
    if observed is None and parsed.dynamic:
        return True  # a condition in the DO block may not have held
    if predicted is not None and observed is not None:
        return False
    either = predicted or observed
    if either is None or either.lock is not LockMode.ACCESS_SHARE:
        return False
    if relation in indexes:
        # Which indexes a look-up in the system catalogs opens differs between minor releases, and blocks nobody. A
        # check of a partitioned table that has no partitions looks nothing up.
        return predicted is None or not partitioned.isdisjoint(expected)
    # A session that has once put a partition's constraint together reads no ancestors for it.
    return relation in partitioned


def _dropped(relations: Iterable[str], before: Catalog, after: Catalog) -> Iterator[str]:
    oids: set[int] | None = None
    for relation in relations:
        name = named(relation)
        old, index = before.table(name), before.index(name)
        if (one := old or index) is None:
            continue
        now = after.table(name) or after.index(name)
        if now is not None and now.oid == one.oid:
            continue
        oids = set(_oids(after)) if oids is None else oids
        # A rebuilt index is known by its name.
        if index is not None or one.oid not in oids:
            yield relation


def _oids(catalog: Catalog) -> Iterator[int]:
    yield from (table.oid for table in catalog.tables.values())
    yield from (index.oid for index in catalog.index_map.values())


def _exceeds(observed: Effect | None, predicted: Effect | None) -> bool:
    if observed is None or predicted is None:
        return observed is not None
    return (
        observed.lock > predicted.lock
        or (observed.rewrites and not predicted.rewrites)
        or (observed.scans and not predicted.scans)
    )


def _text(effect: Effect | None) -> str:
    if effect is None:
        return "nothing"
    return f"{effect.lock.value}{', rewrite' * effect.rewrites}{', scan' * effect.scans}"
