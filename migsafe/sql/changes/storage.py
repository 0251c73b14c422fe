"""Putting tables, indexes and sequences into a catalog, with all that is derived from them."""

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet

from migsafe.actions import Action, Constraint, Name
from migsafe.sql import names
from migsafe.sql.catalog import Catalog, Index, Sequence, Table

Change = TypeVar("Change", bound=Callable[..., Catalog])

CHANGES: dict[type[Action], Callable[[Catalog, Any], Catalog]] = {}
"""By the action's type; actions without a function change nothing."""


def applies(kind: type[Action]) -> Callable[[Change], Change]:
    """Register the function that carries out actions of a type."""

    def register(function: Change) -> Change:
        CHANGES[kind] = function
        return function

    return register


def stored(catalog: Catalog, old: Table | None, new: Table | None) -> Catalog:
    """Put, replace (``old`` and ``new``) or remove a table, and keep what is derived from tables right."""
    steps = [(table, step) for table, step in ((old, -1), (new, 1)) if table is not None]
    moved = old is None or new is None or old.name != new.name
    tables = catalog.tables
    for table, step in steps:
        if step > 0:
            tables = tables.insert(table.name, table)
        elif moved:
            tables = tables.remove(table.name)
    changes: dict[str, Any] = {"tables": tables}
    if moved or (old and new and old.constraints is not new.constraints):
        changes.update(_constraint_links(catalog, steps))
    if moved or (old and new and old.parents != new.parents):
        changes.update(_table_links(catalog, steps))
    return replace(catalog, **changes)


def _constraint_links(catalog: Catalog, steps: list[tuple[Table, int]]) -> dict[str, Any]:
    counts, referrers = catalog.constraint_names, catalog.referrers
    changes = Counter[Name]()
    for table, step in steps:
        for name in table.constraints:
            changes[Name(name, table.name.schema)] += step
        for target in {item.references for item in table.constraints.values() if item.references}:
            referrers = _linked(referrers, target, table.name, step)
    for key, change in changes.items():
        if change:
            counts = _counted(counts, key, change)
    return {"constraint_names": counts, "referrers": referrers}


def _table_links(catalog: Catalog, steps: list[tuple[Table, int]]) -> dict[str, Any]:
    children, views = catalog.children, catalog.views
    for table, step in steps:
        for parent in table.parents:
            children = _linked(children, parent, table.name, step)
        if table.kind in {"view", "materialized view"}:
            views = views.insert(table.name) if step > 0 else views.remove(table.name)
    return {"children": children, "views": views}


def _counted(counts: "HashTrieMap[Name, int]", name: Name, step: int) -> "HashTrieMap[Name, int]":
    count = counts.get(name, 0) + step
    return counts.insert(name, count) if count else counts.remove(name)


def _linked(
    links: "HashTrieMap[Name, HashTrieSet[Name]]", target: Name, name: Name, step: int
) -> "HashTrieMap[Name, HashTrieSet[Name]]":
    linked = links.get(target, HashTrieSet())
    linked = linked.insert(name) if step > 0 else linked.discard(name)
    return links.insert(target, linked) if linked else links.discard(target)


def index_stored(catalog: Catalog, index: Index) -> Catalog:
    catalog = replace(catalog, index_map=catalog.index_map.insert(index.name, index))
    table = catalog.tables[index.relation]
    if index.name.name in table.indexes:
        return catalog
    return stored(catalog, table, replace(table, indexes=(*table.indexes, index.name.name)))


def sequence_stored(catalog: Catalog, old: Sequence | None, new: Sequence | None) -> Catalog:
    """Put, replace or remove a sequence."""
    sequences, owned = catalog.sequences, catalog.owned
    if old is not None:
        sequences = sequences.remove(old.name)
        owned = _linked(owned, old.owned_by[0], old.name, -1) if old.owned_by else owned
    if new is not None:
        sequences = sequences.insert(new.name, new)
        owned = _linked(owned, new.owned_by[0], new.name, 1) if new.owned_by else owned
    return replace(catalog, sequences=sequences, owned=owned)


def numbered(catalog: Catalog) -> tuple[int, Catalog]:
    return catalog.next_oid, replace(catalog, next_oid=catalog.next_oid + 1)


def relation_exists(catalog: Catalog, name: Name) -> bool:
    """Tables, views, indexes, sequences and composite types share one space of names."""
    if name in catalog.tables or name in catalog.index_map or name in catalog.sequences:
        return True
    user_type = catalog.types.get(name)
    return user_type is not None and user_type.kind == "composite"


def choose_relation(catalog: Catalog, table: Name, columns: str | None, label: str, *, constraint: bool) -> str:
    def taken(chosen: str) -> bool:
        name = Name(chosen, table.schema)
        return relation_exists(catalog, name) or (constraint and name in catalog.constraint_names)

    return names.choose(table.name, columns, label, taken)


def choose_constraint(catalog: Catalog, table: Name, columns: str | None, label: str) -> str:
    return names.choose(
        table.name, columns, label, lambda chosen: Name(chosen, table.schema) in catalog.constraint_names
    )


def members(catalog: Catalog, relation: Name, *, only: bool = False) -> tuple[Table, ...]:
    """The tables that a command of ALTER TABLE is about: none if they are not known."""
    table = catalog.table(relation)
    if table is None:
        return ()
    return (table,) if only else tuple(catalog.tables[name] for name in catalog.family(table.name))


def renamed_key(items: dict[str, Any], old: str, new: str, value: Any) -> dict[str, Any]:
    return {new if key == old else key: value if key == old else item for key, item in items.items()}


def column_edited(catalog: Catalog, table_name: Name, column: str, **changes: Any) -> Catalog:
    table = catalog.tables[table_name]
    if column not in table.columns:
        return catalog
    columns = {**table.columns, column: replace(table.columns[column], **changes)}
    return stored(catalog, table, replace(table, columns=columns))


def columns_edited(catalog: Catalog, relation: Name, column: str, *, only: bool = False, **changes: Any) -> Catalog:
    """Change a column of a table and of its descendants."""
    for member in members(catalog, relation, only=only):
        catalog = column_edited(catalog, member.name, column, **changes)
    return catalog


def constraint_kept(catalog: Catalog, table_name: Name, constraint: Constraint) -> Catalog:
    table = catalog.tables[table_name]
    assert constraint.name is not None
    return stored(catalog, table, replace(table, constraints={**table.constraints, constraint.name: constraint}))


def sequence_moved(catalog: Catalog, sequence: Sequence, new: Name) -> Catalog:
    if relation_exists(catalog, new):
        return catalog
    return sequence_stored(
        catalog, sequence, replace(sequence, name=new, former=(*sequence.former, sequence.name.name))
    )
