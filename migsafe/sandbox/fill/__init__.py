"""Fill tables with synthetic rows.

No library does this: model_bakery (Apache-2.0, kept) asks Django's models, so it knows no CHECK, exclusion constraint,
trigger or column that RunSQL made, and inserts row by row; it fails on 21 of the shop's 55 models. factory_boy, mixer
and polyfactory ask the same models; Faker and mimesis make values, not rows.

The server makes the rows: candidates for which a table's conditions are the WHERE clause; those that a unique or
exclusion constraint refuses are skipped. Conditions are also read, so that most candidates satisfy them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from math import ceil
from types import MappingProxyType
from typing import Any

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import QueryCanceled

from migsafe.sandbox.fill.candidates import Candidates, quoted, row_by_row
from migsafe.sandbox.fill.catalog import Condition, ForeignKey, Relation, Table, relations, sizes, tables, types
from migsafe.sandbox.fill.values import Type, literal
from migsafe.verification import Filled

__all__ = ["fill"]

_TIMEOUT = 30_000
"""Milliseconds that triggers and conditions may take for a round of rows."""
_MOST = 20_000
"""Candidates of one round."""
_FRUITLESS = 3
"""Rounds that bring nothing before a table is given up."""
_ROUNDS = 25
"""Rounds that do not bring enough before it is."""
_SAMPLE = 200
"""Rows that are tried one by one to find out what refuses them."""
_SAID = "migsafe.said"
# What the planner believes of tables that nobody has analysed makes nested loops over all keys look cheap.
_SETTINGS = """
SET statement_timeout = {timeout}; SET client_min_messages = error; SET timezone = 'UTC'; SET enable_nestloop = off
"""
_NO_JIT = (
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'jit'"  # since 11; it costs more than it saves
)

_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


def fill(
    dsn: str,
    tables: Collection[str],
    rows: int,
    *,
    referred: int | None = None,
    seed: int = 0,
    choices: Mapping[str, Mapping[str, Collection[str]]] = MappingProxyType({}),
) -> tuple[Filled, ...]:
    """Give tables, and those that their foreign keys need, rows that satisfy all constraints.

    Rows that are there stay and count. Nulls and edge values are among the new ones.

    Args:
        dsn: A database that is there to be written to.
        tables: Names, with their schema outside of ``public``.
        rows: How many each table is to have.
        referred: How many those are to have that are not named, if that is less; as many as what refers to them,
            where a unique constraint says that rows may have to refer to different ones. None for ``rows``; 0 if they
            are to stay as they are.
        seed: The same gives the same rows.
        choices: By table and column, the only values that code puts there, as text, where the database takes others
            too: Django's ``choices``. What is not in the database is left out.

    Returns:
        Those tables and those that they need, by name.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        known = relations(connection)
        by_name = {relation.name: relation for relation in known.values()}
        missing = [
            Filled(table=name, rows=0, reason="there is no such table") for name in tables if name not in by_name
        ]
        needed = _needed(known, [by_name[name].oid for name in tables if name in by_name])
        others = [
            Filled(table=known[oid].name, rows=0, reason=f"it is {_KINDS[known[oid].kind]}")
            for oid in needed
            if known[oid].kind in _KINDS
        ]
        real = [known[oid] for oid in needed if known[oid].kind not in _KINDS]
        goals = {one.oid: rows if one.name in tables or referred is None else min(rows, referred) for one in real}
        filling = _Filling(connection, known, sizes(connection, real), goals, seed, choices)
        reasons = filling.run()
        counted = sizes(connection, real) if filling.begun else filling.sizes
    filled = (Filled(table=one.name, rows=counted[one.oid], reason=reasons.get(one.oid)) for one in real)
    return tuple(sorted((*filled, *others, *missing), key=lambda one: one.table))


def _needed(known: Mapping[int, Relation], wanted: Iterable[int]) -> list[int]:
    found: dict[int, None] = {}
    open_ = list(wanted)
    while open_:
        oid = open_.pop()
        if oid not in found:
            found[oid] = None
            open_ += known[oid].references
    return list(found)


class _Refused(msgspec.Struct, frozen=True):
    inserted: int
    refused: dict[str, tuple[int, str]]

    @property
    def most(self) -> str | None:
        """The message that was heard most often."""
        return max(self.refused.values())[1] if self.refused else None


class _Filling:
    """One call of `fill`: what it knows, and the rows so far."""

    def __init__(
        self,
        connection: Connection[Any],
        known: Mapping[int, Relation],
        counted: dict[int, int],
        goals: dict[int, int],
        seed: int,
        choices: Mapping[str, Mapping[str, Collection[str]]],
    ) -> None:
        self.sizes = counted
        self.begun = any(size < goals[oid] for oid, size in counted.items())
        self._connection = connection
        self._known = known
        self._goals = goals
        self._seed = seed
        self._choices = choices
        self._tables: dict[int, Table] = {}
        self._types: Mapping[int, Type] = {}
        self._reasons: dict[int, str] = {}

    def run(self) -> Mapping[int, str]:
        """Fill all; return the reasons why tables are not full."""
        if self.begun:
            self._connection.execute(_SETTINGS.format(timeout=_TIMEOUT).encode())
            self._connection.execute(_NO_JIT)
            found = tables(self._connection, list(self.sizes))
            self._tables = {oid: self._with_choices(one) for oid, one in found.items()}
            self._types = types(self._connection, list(self.sizes))
            if all(self._goals.values()):
                self._raise_goals()
            for group in self._order([oid for oid, size in self.sizes.items() if size < self._goals[oid]]):
                for part in (2, 1) if len(group) > 1 else (1,):
                    for oid in group:
                        self._fill(oid, self._goals[oid] // part or 1)
                if self._untie(group):
                    for oid in group:
                        self._fill(oid, self._goals[oid])
        return self._reasons

    def _raise_goals(self) -> None:
        """Let tables have as many rows as others that can refer to each of them only so often."""
        open_ = sorted(self._goals, key=self._goals.__getitem__)
        while open_:
            table = self._tables[oid := open_.pop()]
            for key in table.foreign_keys:
                if key.target in self._goals and key.scarce(table) and self._goals[key.target] < self._goals[oid]:
                    self._goals[key.target] = self._goals[oid]
                    open_.append(key.target)

    def _with_choices(self, table: Table) -> Table:
        """As if a constraint said so."""
        chosen = self._choices.get(self._known[table.oid].name, {})
        checks = (
            Condition(column.name, f"{quoted(column.name)} IN ({', '.join(map(literal, chosen[column.name]))})", ())
            for column in table.columns
            if chosen.get(column.name)
        )
        return msgspec.structs.replace(table, checks=(*table.checks, *checks))

    def _order(self, wanting: list[int]) -> Iterator[list[int]]:
        """Tables before those that refer to them; in groups where they refer to each other."""
        import networkx

        graph: networkx.DiGraph[int] = networkx.DiGraph()
        graph.add_nodes_from(wanting)
        required: networkx.DiGraph[int] = networkx.DiGraph()
        for oid in wanting:
            table = self._tables[oid]
            not_null = {column.name for column in table.columns if column.not_null}
            for key in table.foreign_keys:
                if key.target in self._tables and key.target != oid:
                    graph.add_edge(key.target, oid)
                    if not_null.issuperset(key.columns):
                        required.add_edge(key.target, oid)
        condensed = networkx.condensation(graph)
        for component in networkx.lexicographical_topological_sort(
            condensed, lambda node: min(self._known[oid].name for oid in condensed.nodes[node]["members"])
        ):
            members = sorted(condensed.nodes[component]["members"], key=lambda oid: self._known[oid].name)
            inner = required.subgraph(members)
            if networkx.is_directed_acyclic_graph(inner):
                first = list(networkx.topological_sort(inner))
                members = [*first, *(oid for oid in members if oid not in first)]
            yield members

    def _fill(self, oid: int, wanted: int) -> None:
        """Give a table rows, or note why not."""
        self._reasons.pop(oid, None)
        try:
            self._rounds(oid, wanted)
        except QueryCanceled as error:
            self._reasons[oid] = f"{error.diag.message_primary} ({_TIMEOUT / 1000:g} s for some rows)"

    def _rounds(self, oid: int, wanted: int) -> None:
        """Take more and more candidates."""
        self_referring = any(key.target == oid for key in self._tables[oid].foreign_keys)
        start = self.sizes[oid]
        taken = 1.0
        fruitless = again = 0
        while self.sizes[oid] < wanted:
            need = wanted - self.sizes[oid]
            if self_referring and not self.sizes[oid]:
                need = need // 10 or 1  # for the others to refer to
            candidates = Candidates(
                self._tables[oid],
                self._known,
                self.sizes,
                self._types,
                rows=self._goals[oid],
                seed=self._seed,
                again=again,
            )
            if candidates.problem:
                self._reasons[oid] = candidates.problem
                return
            count = min(ceil(need / taken), _MOST)
            inserted, reason = self._round(self._known[oid], candidates, start, count, need)
            self.sizes[oid] += inserted
            start += count
            taken = max(inserted / count, taken / 4)
            again += 4 * inserted < min(count, need)
            fruitless = 0 if inserted else fruitless + 1
            if fruitless == _FRUITLESS or again == _ROUNDS:
                self._reasons[oid] = reason or self._reason(self._known[oid], candidates, start, need)
                return

    def _untie(self, group: list[int]) -> bool:
        """Begin with tables that need each other's rows, if one of the foreign keys can wait; say whether one did."""
        for oid in group:
            for key in self._tables[oid].foreign_keys:
                empty = key.target in group and key.target != oid and not (self.sizes[oid] or self.sizes[key.target])
                if key.deferrable and empty:
                    self._fill_first(oid, key, group)
                    return True
        return False

    def _fill_first(self, oid: int, key: ForeignKey, group: list[int]) -> None:
        """Fill a table with rows that refer to nothing yet, and then the others with what they refer to."""
        replace = msgspec.structs.replace
        table, target = self._tables[oid], self._tables[key.target]
        of_target = {column.name: column for column in target.columns}
        referred = dict(zip(key.columns, key.target_columns, strict=True))
        columns = tuple(
            replace(of_target[referred[column.name]], name=column.name) if column.name in referred else column
            for column in table.columns
        )
        others = tuple(other for other in table.foreign_keys if other != key)
        back = replace(key, columns=key.target_columns, target=oid, target_columns=key.columns)
        sizes = dict(self.sizes)
        try:
            with self._connection.transaction():
                self._connection.execute("SET CONSTRAINTS ALL DEFERRED")
                made = Condition(
                    key.name, "true", key.columns
                )  # the keys have to be known: their sequence is another's
                self._tables[oid] = replace(table, columns=columns, foreign_keys=others, checks=(*table.checks, made))
                self._tables[key.target] = replace(target, foreign_keys=(back, *target.foreign_keys))
                rest = [other for other in group if other != oid]
                for one in (oid, *rest, *rest):
                    self._fill(one, self._goals[one])
        except psycopg.Error as error:
            self.sizes.update(sizes)
            self._reasons.update(dict.fromkeys(group, error.diag.message_primary or str(error)))
        finally:
            self._tables |= {oid: table, key.target: target}

    def _round(
        self, relation: Relation, candidates: Candidates, start: int, count: int, need: int
    ) -> tuple[int, str | None]:
        if not all(unique.immediate for unique in self._tables[relation.oid].uniques):
            said = self._one_by_one(relation, candidates, start, count, need)  # ON CONFLICT refuses what is deferrable
            return said.inserted, said.most
        columns = f" ({', '.join(candidates.columns)}) OVERRIDING SYSTEM VALUE" if candidates.columns else ""
        into = f"INSERT INTO {relation.sql}{columns}"
        try:
            while True:
                insert = f"{into} {candidates.select(start, count)} ON CONFLICT DO NOTHING"
                with self._connection.transaction():
                    inserted = self._connection.execute(insert.encode()).rowcount
                    if inserted > need:
                        raise psycopg.Rollback
                if inserted <= need:
                    return inserted, None
                if count <= _SAMPLE:
                    break
                count = count * need // inserted
        except QueryCanceled:
            raise
        except psycopg.Error:
            pass
        said = self._one_by_one(relation, candidates, start, count, need)
        return said.inserted, said.most

    def _one_by_one(self, relation: Relation, candidates: Candidates, start: int, count: int, need: int) -> _Refused:
        """Insert what is taken of candidates, each by itself."""
        said = _Refused(0, {})
        for filtered in (True, False):  # to filter may itself be what fails: CHECK (a / b > 1)
            query = candidates.select(start, count, filtered=filtered)
            said = self._by_itself(row_by_row(relation, candidates, query, need, _SAID))
            if said.inserted or (said.refused and "" not in said.refused):
                break
        return said

    def _by_itself(self, block: str) -> _Refused:
        try:
            with self._connection.transaction():
                self._connection.execute(block.encode())
        except psycopg.Error as error:
            message = error.diag.message_primary
            if message is None or isinstance(error, QueryCanceled):
                raise
            return _Refused(0, {"": (1, message)})
        said = self._connection.execute("SELECT current_setting(%s)", [_SAID]).fetchone()
        return msgspec.json.decode(said[0] if said else "", type=_Refused)

    def _reason(self, relation: Relation, candidates: Candidates, start: int, need: int) -> str:
        """What refuses rows: the constraint, in the server's words."""
        for filtered in (True, False):
            query = candidates.select(start, _SAMPLE, filtered=filtered)
            said = self._by_itself(row_by_row(relation, candidates, query, need, _SAID))
            self.sizes[relation.oid] += said.inserted
            if said.most:
                return said.most
        return "the server has taken no row, and has not said why"
