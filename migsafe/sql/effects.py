"""Action + schema + PostgreSQL version → effects, by the lock table."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from rpds import HashTrieMap

from migsafe import actions as a
from migsafe.actions import Action, Name, Parsed
from migsafe.model import Effect, LockMode, Statement
from migsafe.postgres import facts
from migsafe.postgres.locks import blocks
from migsafe.sql.calls import carried_out
from migsafe.sql.catalog import TEMPORARY, Catalog, Index, Table
from migsafe.sql.forms import HANDLERS, Form, Roles, Server
from migsafe.sql.forms.family import STORED, is_missing, is_stored, with_descendants

IN_TRANSACTION = "cannot run inside a transaction block"


class Step(msgspec.Struct, frozen=True):
    """One action of a statement.

    Attributes:
        before: The schema that it meets: as the statement's earlier actions left it.
        effects: Its own, strongest per relation.
        relations: What the schema knows of the relations in ``effects``, by their names there.
        forms: Rows of `facts.FACTS` that they come from.
        held: Locks that the transaction holds already, by name as in effects; `Session.run` knows them.
    """

    action: Action
    before: Catalog
    effects: tuple[Effect, ...]
    relations: Mapping[str, Table | Index | None]
    forms: tuple[str, ...]
    held: Mapping[str, LockMode] = HashTrieMap()


class Analysis(msgspec.Struct, frozen=True):
    """A statement as reports show it, and its steps as rules need them."""

    statement: Statement
    steps: tuple[Step, ...]


class _Cost:
    """Effects on one relation while they add up."""

    __slots__ = ("lock", "relation", "rewrites", "scans")

    def __init__(self, relation: Table | Index | None) -> None:
        self.relation = relation
        self.lock = LockMode.ACCESS_SHARE
        self.rewrites = False
        self.scans = False


class _Found(NamedTuple):
    action: Action
    before: Catalog
    costs: dict[str, _Cost]
    forms: tuple[str, ...]
    reason: str | None
    fails: str | None

    def step(self) -> Step:
        relations = {name: cost.relation for name, cost in self.costs.items()}
        return Step(self.action, self.before, _effects(self.costs), relations, self.forms)


def analyse(
    parsed: Parsed, before: Catalog, postgres: int, *, transaction: bool, complete: bool = True, utc: bool = False
) -> Analysis:
    """Say what a statement would do.

    Args:
        parsed: The statement.
        before: The schema it runs against.
        postgres: Major version of the server, 10 to 18.
        transaction: Whether it runs inside a transaction block.
        complete: Whether ``before`` is the whole schema; if not, what DROP IF EXISTS names is taken to exist.
        utc: Whether the session's TimeZone is known to be UTC.

    Returns:
        Effects on relations that exist before the statement. A relation that ``before`` does not know is reported as
        written: the statement can only run if it exists.
    """
    server = Server(postgres, complete, utc)
    transaction = transaction or parsed.dynamic
    found: list[_Found] = []
    catalog = before
    for number, action in enumerate(parsed.actions):
        if number:
            catalog = catalog.after(parsed.actions[number - 1])
        found.append(_found(action, catalog, before, server, transaction=transaction))
    for number, each in enumerate(found):
        if isinstance(each.action, a.AlterColumnType) and any(_rewrites_too(other, each) for other in found):
            again = msgspec.structs.replace(server, rewritten=True)
            found[number] = _found(each.action, each.before, before, again, transaction=transaction)
    _strengthen([each for each in found if isinstance(each.action, a.TableCommand) and each.action.together])
    reason = next((each.reason for each in found if each.reason), None)
    fails = next((each.fails for each in found if each.fails), None)
    steps = [each.step() for each in found]
    total: dict[str, _Cost] = {}
    for each in found:
        _merge(total, each.costs)
    statement = Statement(
        sql=parsed.sql,
        line=parsed.line,
        analysed=reason is None,
        reason=reason,
        fails=fails,
        effects=() if fails else steps[0].effects if len(steps) == 1 else _effects(total),
    )
    return Analysis(statement, tuple(steps))


def _found(action: Action, catalog: Catalog, before: Catalog, server: Server, *, transaction: bool) -> _Found:
    """One action's effects on relations that exist before its statement."""
    reason = fails = None
    forms: list[str] = []
    own: dict[str, _Cost] = {}
    for costly in _forms(action, catalog, server):
        if isinstance(costly, a.Unknown):
            reason = reason or costly.reason
            continue
        form, roles = costly
        try:
            fact = facts.fact(form, server.postgres)
        except KeyError:
            reason = reason or f"no facts about {form!r}"
            continue
        forms.append(form)
        if fact is None:
            fails = fails or f"needs PostgreSQL {facts.first_version(form)}"
        elif fact.fails or (transaction and not fact.transaction):
            fails = fails or fact.fails or IN_TRANSACTION
        else:
            _add(own, fact, roles, catalog, before, server.postgres)
    return _Found(action, catalog, own, tuple(forms), reason, fails)


def _rewrites_too(other: _Found, command: _Found) -> bool:
    """Whether another command of the same ALTER TABLE rewrites the table."""
    assert isinstance(command.action, a.TableCommand)
    if other is command or not command.action.together or not isinstance(other.action, a.TableCommand):
        return False
    cost = other.costs.get(other.before.display(other.before.locate(command.action.relation)))
    return other.action.together and other.action.relation == command.action.relation and bool(cost and cost.rewrites)


def _forms(action: Action, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    for each in carried_out(action, catalog):
        handler = HANDLERS.get(type(each))
        if isinstance(each, a.Unknown):
            yield each
        elif handler is None:
            yield a.Unknown(reason=f"{type(each).__name__} is not known")
        elif not (
            isinstance(each, a.TableCommand) and is_missing(each.relation, each.table_if_exists, catalog, server)
        ):
            yield from handler(each, catalog, server)


def _add(
    costs: dict[str, _Cost], fact: facts.Fact, roles: Roles, catalog: Catalog, before: Catalog, postgres: int
) -> None:
    for role, lock in fact.locks:
        for name in roles.get(role, ()):
            table = catalog.table(name)
            if table is None:
                _raise(costs, catalog, name, before, lock, role in (*fact.rewrites, *fact.copies), role in fact.scans)
            else:
                stored = table.kind in STORED
                rewrites = stored and role in (*fact.rewrites, *fact.copies)
                _raise(costs, catalog, table.name, before, lock, rewrites, stored and role in fact.scans)
                if stored and role in fact.rewrites:
                    for index in catalog.indexes(table.name):
                        _raise(costs, catalog, index.name, before, LockMode.ACCESS_EXCLUSIVE, True, False)
    for role, lock in fact.indexes:
        for name in roles.get(role, ()):
            by_query = lock <= LockMode.ROW_EXCLUSIVE
            partitioned = not is_stored(name, catalog) and any(catalog.partitions(name))
            if by_query and postgres < facts.QUERIES_LOCK_PARTITIONED_INDEXES and partitioned:
                continue
            for index in catalog.indexes(name):
                _raise(costs, catalog, index.name, before, lock, False, False)


def _raise(
    costs: dict[str, _Cost], catalog: Catalog, name: Name, before: Catalog, lock: LockMode, rewrites: bool, scans: bool
) -> None:
    known = catalog.table(name) or catalog.index(name)
    if known is None and (_is_system(name, lock) or catalog.sequence(name) or catalog.user_type(name)):
        return
    if known is not None and (known.oid >= before.next_oid or known.name.schema == TEMPORARY):
        return
    if isinstance(known, Index) and rewrites:
        rewrites = is_stored(known.relation, catalog)
    key = _name_before(name, known, catalog, before)
    cost = costs.get(key)
    if cost is None:
        cost = costs[key] = _Cost(known)
    if lock.strength > cost.lock.strength:  # max() would take several times as long, and much of an analysis is this
        cost.lock = lock
    cost.rewrites |= rewrites
    cost.scans |= scans


def _name_before(name: Name, known: Table | Index | None, catalog: Catalog, before: Catalog) -> str:
    """What a relation was called before the statement, which may have renamed it."""
    if known is None or catalog is before:
        return catalog.display(name)
    objects: HashTrieMap[Name, Any] = before.tables if isinstance(known, Table) else before.index_map
    same = objects.get(known.name)
    if same is None or same.oid != known.oid:
        same = next((each for each in objects.values() if each.oid == known.oid), known)
    return before.display(same.name)


def _is_system(name: Name, lock: LockMode) -> bool:
    """Whether it is a system catalog or one of its views: nobody waits for these."""
    if name.schema is not None:
        return name.schema in ("pg_catalog", "information_schema")
    # DDL can only be about a table that is called like one.
    return name.name.startswith("pg_") and lock <= LockMode.ROW_EXCLUSIVE


def _strengthen(commands: list[_Found]) -> None:
    """The commands of one ALTER TABLE reach descendants and indexes with the strongest lock that one of them needs."""
    strongest: dict[Name, LockMode] = {}
    own: list[tuple[_Found, Name, LockMode]] = []
    for found in commands:
        assert isinstance(found.action, a.TableCommand)
        relation = found.action.relation
        if cost := found.costs.get(found.before.display(found.before.locate(relation))):
            own.append((found, relation, cost.lock))
            strongest[relation] = max(cost.lock, strongest.get(relation, cost.lock))
    for found, relation, lock in own:
        if lock < strongest[relation]:
            below = set(with_descendants(found.before, relation))
            for cost in found.costs.values():
                known = cost.relation
                if cost.lock == lock and known is not None and (isinstance(known, Index) or known.name in below):
                    cost.lock = strongest[relation]


def _merge(total: dict[str, _Cost], own: dict[str, _Cost]) -> None:
    for key, cost in own.items():
        known = total.setdefault(key, cost)
        if known is not cost:
            known.lock = max(known.lock, cost.lock)
            known.rewrites |= cost.rewrites
            known.scans |= cost.scans


def _effects(costs: dict[str, _Cost]) -> tuple[Effect, ...]:
    return tuple(
        Effect(relation, cost.lock, cost.rewrites, cost.scans, blocks(cost.lock))
        for relation, cost in sorted(costs.items())
    )


def named(relation: str) -> Name:
    """What an effect calls a relation, as a name."""
    schema, _, name = relation.rpartition(".")
    return Name(name, schema or None)
