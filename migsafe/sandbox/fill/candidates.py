"""SQL for rows that a table may take: the server makes them, and leaves out those that its conditions refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

import msgspec

from migsafe.sandbox.fill.catalog import Column, ForeignKey, Relation, Table
from migsafe.sandbox.fill.values import Type, base, literal, values

__all__ = ["Candidates"]

_ROW = '"migsafe row"'
_NULL_EVERY = 8
"""Of how many rows one has no value."""
_KEYS = 20_000
"""How many rows of a table others refer to at most."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Pick(msgspec.Struct, frozen=True):
    """Where the values of a foreign key come from: an existing row of the other table."""

    query: str
    join: str
    columns: dict[str, str]


class Candidates:
    """Candidates for one table.

    Attributes:
        columns: That they have, quoted; the others get their defaults.
        problem: Why there cannot be any, else None.
    """

    def __init__(
        self,
        table: Table,
        relations: Mapping[int, Relation],
        sizes: Mapping[int, int],
        types: Mapping[int, Type],
        seed: int,
    ) -> None:
        self._table = table
        self._relations = relations
        self._sizes = sizes
        self._types = types
        self._seed = seed
        self._by_name = {column.name: column for column in table.columns}
        self._unique = {unique.columns for unique in table.uniques if unique.whole}
        self._read = {
            name for check in table.checks for name in check.columns
        }  # what conditions read has to be known before it is inserted
        self.problem: str | None = None
        self._picks: list[_Pick] = []
        self._made: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._filters: list[str] = []
        for key in table.foreign_keys:
            self._refer(key)
        for column in table.columns:
            self._make(column)
        self._conditions()
        picked = [name for pick in self._picks for name in pick.columns]
        self.columns = tuple(map(quoted, (*picked, *self._made, *self._last)))

    def select(self, start: int, count: int, *, filtered: bool = True) -> str:
        """The query.

        Args:
            start: Number of the first; the same number makes the same row as long as the tables it refers to are the
                same.
            count: How many are made.
            filtered: Leave out those that a condition refuses.
        """
        queries = [f'"migsafe {n}" AS ({pick.query})' for n, pick in enumerate(self._picks)]
        joins = "".join(
            f' LEFT JOIN "migsafe {n}" ON {pick.join.replace("$start", str(start))}'
            for n, pick in enumerate(self._picks)
        )
        picked = [f"{sql} AS {quoted(name)}" for pick in self._picks for name, sql in pick.columns.items()]
        text = f"WITH {', '.join(queries)} " if queries else ""
        text += f"SELECT {', '.join(self.columns)} FROM (SELECT {', '.join([_ROW, *picked])}"
        text += f" FROM generate_series({start}::bigint, {start + count - 1}) AS n ({_ROW}){joins}) AS level_0"
        # Without the condition, which ties it to the row, nextval() would be asked once for all.
        for number, level in enumerate(self._levels(), start=1):
            made = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in level.items())
            text += f" CROSS JOIN LATERAL (SELECT {made} WHERE {_ROW} >= 0 OFFSET 0) AS level_{number}"
        if filtered and self._filters:
            text += " WHERE " + " AND ".join(f"({sql}) IS NOT FALSE" for sql in self._filters)
        return text

    def _levels(self) -> Iterator[dict[str, str]]:
        generated = {
            column.name: str(column.default)
            for column in self._table.columns
            if column.generated and column.name in self._read
        }
        return (level for level in (self._made, self._last, generated) if level)

    # Foreign keys

    def _refer(self, key: ForeignKey) -> None:
        """Let the columns of a foreign key come from a row of the other table."""
        assigned = {name: sql for pick in self._picks for name, sql in pick.columns.items()}
        target = self._relations[key.target]
        pairs = list(zip(key.columns, key.target_columns, strict=True))
        own = [name for name in key.columns if name not in assigned]
        nullable = [name for name in own if not self._not_null(name)]
        if not own:
            same = " AND ".join(f"p.{quoted(theirs)} = {quoted(ours)}" for ours, theirs in pairs)
            missing = " OR ".join(f"{quoted(ours)} IS NULL" for ours in key.columns)
            self._filters.append(f"{missing} OR EXISTS (SELECT FROM {target.own} AS p WHERE {same})")
            return
        if not self._sizes[key.target]:
            self._without_rows(key, own, nullable)
            return
        number = f'"migsafe {len(self._picks)}"'
        shared = [(assigned[ours], quoted(theirs)) for ours, theirs in pairs if ours in assigned]
        names = [quoted(theirs) for _, theirs in pairs]
        window = f"PARTITION BY {', '.join(theirs for _, theirs in shared)} " if shared else ""
        used = self._used(key, target) if self._is_unique(key.columns) else ""
        rows = f"SELECT * FROM {target.own} AS p WHERE ({', '.join(names)}) IS NOT NULL{used}"
        query = (
            f"SELECT {', '.join(names)}, row_number() OVER ({window}ORDER BY {', '.join(names)}) - 1"
            f' AS "migsafe n", count(*) OVER ({window.strip()}) AS "migsafe total"'
            f" FROM ({rows} ORDER BY {', '.join(names)} LIMIT {_KEYS}) AS p"
        )
        total = f'{number}."migsafe total"' if shared else f'(SELECT max("migsafe total") FROM {number})'
        picked = f"({_ROW} - $start)" if used else self._hash(key.name)
        join = " AND ".join(
            [
                *(f"{number}.{theirs} = {ours}" for ours, theirs in shared),
                f'{number}."migsafe n" = {picked} % {total}',
            ]
        )
        nothing = f"({_ROW} + {self._offset(key.name)}) % {_NULL_EVERY} = 0"
        whole = key.full and len(nullable) < len(key.columns)
        columns = {
            ours: f"CASE WHEN {nothing} THEN NULL ELSE {number}.{quoted(theirs)} END"
            if ours in nullable and not whole
            else f"{number}.{quoted(theirs)}"
            for ours, theirs in pairs
            if ours in own
        }
        self._picks.append(_Pick(query, join, columns))
        self._filters += [f"{quoted(name)} IS NOT NULL" for name in own if name not in nullable]

    def _without_rows(self, key: ForeignKey, own: list[str], nullable: list[str]) -> None:
        if nullable and (not key.full or len(nullable) == len(key.columns)):
            self._made |= {name: f"NULL::{self._type(name)}" for name in nullable}
        elif key.target == self._table.oid:
            theirs = dict(zip(key.columns, key.target_columns, strict=True))
            self._last |= {name: quoted(theirs[name]) for name in own}
            self._read |= set(key.target_columns)
        else:
            target = self._relations[key.target].name
            self.problem = f'foreign key "{key.name}" needs rows of {target}, which has none'

    def _used(self, key: ForeignKey, target: Relation) -> str:
        """Not those that a row refers to already, if only one may."""
        same = " AND ".join(
            f"used.{quoted(ours)} = p.{quoted(theirs)}"
            for ours, theirs in zip(key.columns, key.target_columns, strict=True)
        )
        return f" AND NOT EXISTS (SELECT FROM {self._relations[self._table.oid].own} AS used WHERE {same})"

    def _is_unique(self, columns: tuple[str, ...]) -> bool:
        return any(set(unique) <= set(columns) for unique in self._unique)

    # Other columns

    def _make(self, column: Column) -> None:
        if column.generated or column.name in self._made or column.name in self._last:
            return
        if any(column.name in pick.columns for pick in self._picks):
            return
        if column.sequence:
            if column.name in self._read:
                self._made[column.name] = str(column.default)
            return
        made = self._values(column)
        if made is not None:
            self._made[column.name] = made
        elif column.default is None and self._not_null(column.name):
            self.problem = f'no value of type {self._types[column.type].sql} is known for column "{column.name}"'

    def _values(self, column: Column) -> str | None:
        possible = values(self._types, column.type, column.modifier, column.dimensions)
        if possible is None:
            return None
        unique = self._is_unique((column.name,))
        edges = possible.edges
        period = 4 * (len(edges) + 1)
        slot = f"({_ROW} + {self._offset(column.name)}) % {period}"
        cases = [f"WHEN {slot} = {number} THEN {edge}" for number, edge in enumerate(edges)]
        if unique:  # once is enough
            cases = [f"WHEN {_ROW} = {number} THEN {edge}" for number, edge in enumerate(edges)]
        if not self._not_null(column.name):
            cases.append(f"WHEN {slot} = {len(edges)} THEN NULL")
        made = possible.spread(_ROW if unique else self._hash(column.name))
        if cases:
            made = f"CASE {' '.join(cases)} ELSE {made} END"
        return f"({made})::{self._type(column.name)}"

    def _type(self, name: str) -> str:
        """Without its domain, whose conditions are for the filter to check."""
        return base(self._types, self._by_name[name].type)

    def _not_null(self, name: str) -> bool:
        column = self._by_name[name]
        return column.not_null or any(domain.not_null for domain in self._domains(column))

    def _domains(self, column: Column) -> Iterator[Type]:
        kind = self._types[column.type]
        while kind.kind == "d":
            yield kind
            kind = self._types[kind.base]

    def _salt(self, what: str) -> int:
        return crc32(f"{self._seed} {self._relations[self._table.oid].name} {what}".encode())

    def _hash(self, what: str) -> str:
        """A number ≥ 0, the same for the same row, and independent of those of other columns."""
        return f"(hashint8({_ROW} + {self._salt(what) << 20}) & 2147483647)::bigint"

    def _offset(self, what: str) -> int:
        return self._salt(what) % 1000

    # What has to hold

    def _conditions(self) -> None:
        self._filters += [check.sql for check in self._table.checks]
        if self._table.partition:
            self._filters.append(self._table.partition)
        if self._table.partitions:
            self._filters.append(" OR ".join(f"({sql})" for sql in self._table.partitions))
        for column in self._table.columns:
            if column.name in self._made:
                for domain in self._domains(column):
                    self._filters += [
                        f"SELECT {condition} FROM (SELECT {quoted(column.name)} AS value) AS v"
                        for _, condition in domain.checks
                    ]


def row_by_row(relation: Relation, candidates: Candidates, query: str, need: int, say: str) -> str:
    """A DO block that inserts rows one at a time, goes on after those that are refused, and leaves a JSON object in a
    setting: ``inserted`` and, by reason, ``refused``: how many, and the message.

    Args:
        relation: The table.
        candidates: For its columns.
        query: Of `Candidates.select`.
        need: How many are enough.
        say: The name of the setting.
    """
    inserted = ", ".join(candidates.columns)
    into = f"({inserted}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(f'r.{name}' for name in candidates.columns)})"
    body = f"""
DECLARE r record; n bigint; inserted bigint := 0; refused jsonb := '{{}}'; message text; named text; code text;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  FOR r IN {query} LOOP
    BEGIN
      INSERT INTO {relation.sql} {into if candidates.columns else "DEFAULT VALUES"};
      GET DIAGNOSTICS n = ROW_COUNT;
      inserted := inserted + n;
      IF n = 0 THEN code := 'skipped'; message := ''; ELSE code := NULL; END IF;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, named = CONSTRAINT_NAME, code = RETURNED_SQLSTATE;
      code := code || named;
    END;
    IF code IS NOT NULL THEN
      refused := refused || jsonb_build_object(code, jsonb_build_array(
        coalesce((refused -> code ->> 0)::bigint, 0) + 1, coalesce(refused -> code ->> 1, message)));
    END IF;
    EXIT WHEN inserted >= {need};
  END LOOP;
  PERFORM set_config({literal(say)}, jsonb_build_object('inserted', inserted, 'refused', refused)::text, false);
END"""
    return f"DO {literal(body)}"
