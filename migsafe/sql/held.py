"""The locks that a transaction holds, at no cost per statement: they last until it ends."""

from collections.abc import Iterator, Mapping
from itertools import chain

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from migsafe import actions as a
from migsafe.actions import Action, Name
from migsafe.model import Held, LockMode
from migsafe.postgres.locks import blocks, stops_traffic
from migsafe.sql.catalog import Catalog, Index, Table
from migsafe.sql.effects import Step

LISTED = 4
"""How many of the locks that stop traffic are listed; a transaction on 5,000 tables holds as many of them."""


class Locks(msgspec.Struct, frozen=True):
    """Locks on relations that existed before the transaction, by name.

    Attributes:
        modes: The strongest on each relation.
        stopping: Those that stop reads or writes, without indexes of tables that are locked as much.
        worst: At most `LISTED` of these: the strongest first, the older before the younger.
    """

    modes: "HashTrieMap[str, LockMode]" = HashTrieMap()
    stopping: "HashTrieMap[str, LockMode]" = HashTrieMap()
    worst: tuple[Held, ...] = ()

    def after(self, step: Step, catalog: Catalog, first_new: int) -> "Locks":
        """The locks once a step has been carried out.

        Args:
            catalog: The schema that the step leaves.
            first_new: Relations with this `oid` or a later one were made in the transaction: nobody else knows them.
        """
        locks = self
        raised = []
        for effect in step.effects:
            known = step.relations[effect.relation]
            held = locks.modes.get(effect.relation)
            if (known is None or known.oid < first_new) and (held is None or held < effect.lock):
                locks = replace(locks, modes=locks.modes.insert(effect.relation, effect.lock))
                if stops_traffic(effect.lock):
                    raised.append((effect.relation, effect.lock, known))
        for relation, lock, known in raised:
            if isinstance(known, Index):
                table = locks.modes.get(step.before.display(known.relation))
                if table is not None and table >= lock:
                    continue
            locks = _stopping(locks, relation, lock)
        if locks.modes and (names := dict(_renamed(step.action, step.before, catalog))):
            locks = _with_names(locks, names)
        return locks


def _stopping(locks: Locks, relation: str, lock: LockMode) -> Locks:
    worst = locks.worst
    if len(worst) < LISTED or worst[-1].lock < lock:
        others = [one for one in worst if one.relation != relation]
        worst = tuple(sorted([*others, Held(relation, lock, blocks(lock))], key=_weakness)[:LISTED])
    return Locks(locks.modes, locks.stopping.insert(relation, lock), worst)


def _weakness(held: Held) -> int:
    return -held.lock.strength


def _with_names(locks: Locks, names: Mapping[str, str]) -> Locks:
    worst = tuple(replace(one, relation=names.get(one.relation, one.relation)) for one in locks.worst)
    return Locks(_moved(locks.modes, names), _moved(locks.stopping, names), worst)


def _moved(modes: "HashTrieMap[str, LockMode]", names: Mapping[str, str]) -> "HashTrieMap[str, LockMode]":
    moved = [(new, modes[old]) for old, new in names.items() if old in modes]
    for old in names:
        modes = modes.discard(old)
    for new, lock in moved:
        modes = modes.insert(new, max(lock, modes.get(new, lock)))
    return modes


def _renamed(action: Action, before: Catalog, after: Catalog) -> Iterator[tuple[str, str]]:
    """Old and new names, as reports show them, of relations that have another one after an action."""
    for old, new in _names(action, before, after):
        if (shown := before.display(old)) != (now := after.display(new)):
            yield shown, now


def _names(action: Action, before: Catalog, after: Catalog) -> Iterator[tuple[Name, Name]]:
    match action:
        case a.RenameTable(relation=old) | a.RenameIndex(index=old):
            relation = before.table(old) or before.index(old)
            located = before.qualify(old) if relation is None else relation.name
            yield located, Name(action.new_name, located.schema)
        case a.SetSchema():
            table = before.locate(action.relation)
            for moved in (table, *(index.name for index in before.indexes(table))):
                yield moved, Name(moved.name, action.schema)
        case (
            a.RenameConstraint(relation=table, name=old_name, new_name=new_name)
            | a.AddConstraint(relation=table, constraint=a.Constraint(using_index=str(old_name), name=str(new_name)))
        ):
            schema = before.locate(table).schema
            yield Name(old_name, schema), Name(new_name, schema)
        case a.RenameObject(kind="schema") | a.SetVariable(name="search_path") if before is not after:
            now = {relation.oid: relation.name for relation in _relations(after)}
            yield from ((relation.name, now.get(relation.oid, relation.name)) for relation in _relations(before))


def _relations(catalog: Catalog) -> Iterator[Table | Index]:
    return chain(catalog.tables.values(), catalog.index_map.values())
