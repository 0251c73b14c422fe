"""SQL for rows that a table may take: the server makes them, and leaves out those that its conditions refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

import msgspec

from migsafe.sandbox.fill.catalog import Column, ForeignKey, Relation, Table
from migsafe.sandbox.fill.values import Type, Values, base, digits, literal, values
from migsafe.sandbox.fill.ways import Asked, combined, orderly
from migsafe.sql.parse.conditions import Way, ways

__all__ = ["Candidates", "quoted", "row_by_row"]

_ROW = '"migsafe row"'
_WAY = '"migsafe way"'
_NULL_EVERY = 8
"""Of how many rows one has no value."""
_KEYS = 20_000
"""How many rows of a table others refer to at most, of those that are made at once."""


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
        silent: What may keep rows from a table without an error: triggers and rules.
    """

    def __init__(
        self,
        table: Table,
        relations: Mapping[int, Relation],
        sizes: Mapping[int, int],
        types: Mapping[int, Type],
        *,
        rows: int,
        seed: int,
        again: int = 0,
    ) -> None:
        """Work out how to make values.

        Args:
            table: To be filled.
            relations: It and those that it refers to, by oid.
            sizes: How many rows they have.
            types: Of its columns.
            rows: How many it is to have.
            seed: The same gives the same candidates.
            again: How often others have not been enough. The values of a unique column may be used up: more and more
                nulls are among them.
        """
        self._table = table
        self._relations = relations
        self._sizes = sizes
        self._types = types
        self._seed = seed
        self._rows = rows
        self._again = again
        self._by_name = {column.name: column for column in table.columns}
        # What conditions read has to be known before it is inserted.
        self._read = {name for check in table.checks for name in check.columns}
        self.problem: str | None = None
        self.silent = table.silent
        conditions = list(self._conditions())
        self._ways = combined(found for _, found in conditions)
        self._filters = [sql for sql, _ in conditions]
        self._picks: list[_Pick] = []
        self._levels: list[dict[str, str]] = [{}]
        self._last: dict[str, str] = {}
        for key in table.foreign_keys:
            self._refer(key)
        self._make()
        self._levels += [level for level in (self._last, self._generated()) if level]
        picked = [name for pick in self._picks for name in pick.columns]
        made = [name for level in self._levels for name in level if not self._by_name[name].generated]
        self.columns = tuple(map(quoted, (*picked, *made)))

    def select(self, start: int, count: int, *, filtered: bool = True) -> str:
        """The query.

        Args:
            start: Number of the first; the same number makes the same row as long as the tables it refers to are the
                same.
            count: How many are made.
            filtered: Leave out those that a condition refuses.
        """
        queries = [
            f'"migsafe {n}" AS ({pick.query.replace("$start", str(start))})' for n, pick in enumerate(self._picks)
        ]
        joins = "".join(
            f' LEFT JOIN "migsafe {n}" ON {pick.join.replace("$start", str(start))}'
            for n, pick in enumerate(self._picks)
        )
        picked = [f"{sql} AS {quoted(name)}" for pick in self._picks for name, sql in pick.columns.items()]
        text = f"WITH {', '.join(queries)} " if queries else ""
        way = f"{self._hash('way')} % {len(self._ways)} AS {_WAY}"
        numbers = f"SELECT {_ROW}, {way} FROM generate_series({start}::bigint, {start + count - 1}) AS n ({_ROW})"
        text += f"SELECT {', '.join(self.columns)} FROM (SELECT {', '.join([_ROW, _WAY, *picked])}"
        text += f" FROM ({numbers}) AS n{joins}) AS level_0"
        # Without the condition, which ties it to the row, nextval() would be asked once for all.
        for number, level in enumerate(filter(None, self._levels), start=1):
            made = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in level.items())
            text += f" CROSS JOIN LATERAL (SELECT {made} WHERE {_ROW} >= 0 OFFSET 0) AS level_{number}"
        if filtered and self._filters:
            text += " WHERE " + " AND ".join(f"({sql}) IS NOT FALSE" for sql in self._filters)
        return text

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
        size = self._sizes[key.target]
        if not size:
            self._without_rows(key, own, nullable)
            return
        only = self._unique_within(key.columns)
        if only and not nullable and key.target != self._table.oid and self._sizes[self._table.oid] >= size:
            self.problem = f'"{only}" allows one row for each that foreign key "{key.name}" finds in {target.name}'
        number = f'"migsafe {len(self._picks)}"'
        shared = [(assigned[ours], quoted(theirs)) for ours, theirs in pairs if ours in assigned]
        names = [quoted(theirs) for _, theirs in pairs]
        window = f"PARTITION BY {', '.join(theirs for _, theirs in shared)} " if shared else ""
        used = self._used(key) if only else ""
        some = f"SELECT {', '.join(names)} FROM {target.own} AS p WHERE ({', '.join(names)}) IS NOT NULL{used}"
        some += f" ORDER BY {', '.join(names)} LIMIT {_KEYS}"
        if size > _KEYS and not used and len(names) == 1:
            some += f" OFFSET $start % {size - _KEYS + 1}"
        query = (
            f"SELECT {', '.join(names)}, row_number() OVER ({window}ORDER BY {', '.join(names)}) - 1"
            f' AS "migsafe n", count(*) OVER ({window.strip()}) AS "migsafe total"'
            f" FROM ({some}) AS p"
        )
        total = f'{number}."migsafe total"' if shared else f'(SELECT max("migsafe total") FROM {number})'
        picked = f"({_ROW} - $start)" if used else self._hash(key.name)
        join = " AND ".join(
            [
                *(f"{number}.{theirs} = {ours}" for ours, theirs in shared),
                f'{number}."migsafe n" = {picked} % {total}',
            ]
        )
        whole = key.full and len(nullable) < len(key.columns)
        columns = {
            ours: f"CASE WHEN {self._nothing(ours, key.name)} THEN NULL ELSE {number}.{quoted(theirs)} END"
            if ours in nullable and not whole
            else f"{number}.{quoted(theirs)}"
            for ours, theirs in pairs
            if ours in own
        }
        self._picks.append(_Pick(query, join, columns))
        self._filters += [f"{quoted(name)} IS NOT NULL" for name in own if name not in nullable]

    def _without_rows(self, key: ForeignKey, own: list[str], nullable: list[str]) -> None:
        if nullable and (not key.full or len(nullable) == len(key.columns)):
            self._levels[0] |= {name: f"NULL::{self._type(name)}" for name in nullable}
        elif key.target == self._table.oid:
            theirs = dict(zip(key.columns, key.target_columns, strict=True))
            self._last |= {name: quoted(theirs[name]) for name in own}
            self._read |= set(key.target_columns)
        else:
            target = self._relations[key.target].name
            self.problem = f'foreign key "{key.name}" needs rows of {target}, which has none'

    def _used(self, key: ForeignKey) -> str:
        """Not those that a row refers to already, if only one may."""
        same = " AND ".join(
            f"used.{quoted(ours)} = p.{quoted(theirs)}"
            for ours, theirs in zip(key.columns, key.target_columns, strict=True)
        )
        return f" AND NOT EXISTS (SELECT FROM {self._relations[self._table.oid].own} AS used WHERE {same})"

    def _nothing(self, name: str, together: str) -> str:
        """Whether a column of a foreign key is NULL: as the others of the key, but where a way asks for something."""
        nothing = f"({_ROW} + {self._offset(together)}) % {_NULL_EVERY} <= {min(self._again, _NULL_EVERY - 2)}"
        asked = [self._asked(name, number).null for number in range(len(self._ways))]
        cases = [f"WHEN {number} THEN {null}" for number, null in enumerate(asked) if null is not None]
        return f"CASE {_WAY} {' '.join(cases)} ELSE {nothing} END" if cases else nothing

    def _unique_within(self, columns: tuple[str, ...]) -> str | None:
        """The constraint or index that lets values of columns occur once."""
        names = (one.name for one in self._table.uniques if one.whole and set(one.columns) <= set(columns))
        return next(names, None)

    # Other columns

    def _make(self) -> None:
        done = {name for pick in self._picks for name in pick.columns} | set(self._levels[0]) | set(self._last)
        free: dict[str, Values] = {}
        for column in self._table.columns:
            if column.generated or column.name in done:
                continue
            possible = None
            if not column.sequence:
                possible = values(self._types, column.type, column.modifier, column.dimensions)
            if possible is not None:
                free[column.name] = possible
            elif column.default is not None:
                if column.name in self._read:
                    self._levels[0][column.name] = column.default
            elif self._not_null(column.name):
                self.problem = f'no value of type {self._types[column.type].sql} is known for column "{column.name}"'
        known = (done | set(self._levels[0])) - set(self._last)
        self._ways, order = orderly(self._ways, known, list(free))
        depths: dict[str, int] = {}
        for name in order:
            reads = {other for way in self._ways for term in way if term.column == name for other in term.reads}
            depth = max((depths[other] + 1 for other in reads - {name} if other in depths), default=int(bool(reads)))
            depths[name] = depth
            while len(self._levels) <= depth:
                self._levels.append({})
            self._levels[depth][name] = self._value(self._by_name[name], free[name])
            if any(term.column == name for way in self._ways for term in way):
                self._filters += self._computed(self._by_name[name])

    def _computed(self, column: Column) -> Iterator[str]:
        """What has to hold of a value that comes from other columns, and not from the type."""
        if self._not_null(column.name):
            yield f"{quoted(column.name)} IS NOT NULL"
        if self._kind(column).name == "numeric" and column.modifier >= 4:
            precision, scale = digits(column.modifier)
            yield f"abs({quoted(column.name)}) < 10::numeric ^ {precision - scale} - 1"

    def _generated(self) -> dict[str, str]:
        columns = (column for column in self._table.columns if column.generated and column.name in self._read)
        return {column.name: str(column.default) for column in columns}

    def _value(self, column: Column, possible: Values) -> str:
        """One expression for all ways."""
        by_value: dict[str, list[str]] = {}
        for number in range(len(self._ways)):
            made = self._value_asked(column, possible, self._asked(column.name, number))
            by_value.setdefault(made, []).append(str(number))
        *rest, usual = sorted(by_value, key=lambda made: len(by_value[made]))
        cases = " ".join(f"WHEN {_WAY} IN ({', '.join(by_value[made])}) THEN {made}" for made in rest)
        return f"(CASE {cases} ELSE {usual} END)" if cases else usual

    def _value_asked(self, column: Column, possible: Values, asked: Asked) -> str:
        cast = self._type(column.name)
        if asked.null:
            return f"NULL::{cast}"
        unique = self._unique_within((column.name,)) is not None
        kind = self._kind(column)
        k = _ROW if unique else self._hash(column.name)
        edges = asked.edges(kind.name, possible.edges)
        spread = asked.spread(
            kind.name,
            k,
            f"({possible.spread(k)})::{cast}",
            name=column.name,
            cast=cast,
            length=column.modifier - 4 if kind.name in ("varchar", "bpchar") and column.modifier >= 4 else None,
            count=2 * self._rows if unique else 50,
            seed=self._salt(column.name),
        )
        slot = f"({_ROW} + {self._offset(column.name)}) % {4 * (len(edges) + 1)}"
        once = _ROW if unique else slot
        cases = [f"WHEN {once} = {number} THEN {edge}" for number, edge in enumerate(edges)]
        if asked.null is None and not self._not_null(column.name):
            used_up = unique and self._again
            rarely = (
                f"{self._hash(f'null {column.name}')} % 8 < {min(4 * self._again, 7)}"
                if used_up
                else f"{slot} = {len(edges)}"
            )
            cases.append(f"WHEN {rarely} THEN NULL")
        if asked.mentions:
            cases += self._mentioned(column.name, asked.mentions, k)
        made = f"CASE {' '.join(cases)} ELSE {spread} END" if cases else spread
        return f"({made})::{cast}"

    def _mentioned(self, column: str, texts: tuple[str, ...], k: str) -> Iterator[str]:
        """Values with the texts of a condition that is not understood, for two rows of three."""
        kind = self._kind(self._by_name[column])
        if kind.name in ("json", "jsonb"):
            one = f"(ARRAY[{', '.join(map(literal, texts))}])[1 + {k} % {len(texts)}]"
            keys = ", ".join(f"{literal(text)}, {one}" for text in texts)
            made = [f"{kind.name}_build_object({keys})"]
            others = {"array": f"json_build_array({k})", "number": f"to_json({k})", "string": f"to_json(({k})::text)"}
            made += [
                f"{value}::{kind.name}" for name, value in others.items() if name in texts
            ]  # jsonb_typeof() says it
        elif kind.name in ("text", "varchar", "bpchar", "citext"):
            quotes = [literal(text) for text in texts]
            made = [f"({front} || {k} || {back})" for text in quotes for front, back in (("''", text), (text, "''"))]
            made += [*quotes, *(f"('a' || {k} || {text} || 'b' || {k} || '.c')" for text in quotes)]
        else:
            return
        for number, value in enumerate(made):
            yield f"WHEN {self._hash(f'mentioned {column}')} % {len(made) * 3 // 2} = {number} THEN {value}"

    def _asked(self, name: str, way: int) -> Asked:
        asked = Asked()
        for term in self._ways[way]:
            if term.column == name:
                asked = asked.with_term(term)
        return asked

    def _kind(self, column: Column) -> Type:
        kind = self._types[column.type]
        while kind.kind == "d":
            kind = self._types[kind.base]
        return kind

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

    def _conditions(self) -> Iterator[tuple[str, list[Way]]]:
        """SQL of what has to hold, and ways to get there."""
        whole = [check.sql for check in self._table.checks]
        for sql in (*whole, self._table.partition) if self._table.partition else whole:
            yield sql, list(ways(sql))
        if self._table.partitions:
            each = [way for sql in self._table.partitions for way in ways(sql)]
            yield " OR ".join(f"({sql})" for sql in self._table.partitions), each
        for column in self._table.columns:
            for domain in self._domains(column):
                for _, sql in domain.checks:
                    renamed = [tuple(term.of_value(column.name) for term in way) for way in ways(sql)]
                    yield f"(SELECT {sql} FROM (SELECT {quoted(column.name)} AS value) AS v)", renamed


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
    skipped = f"{', '.join(candidates.silent) or 'something'} takes no row and says nothing"
    columns = ", ".join(candidates.columns)
    values = ", ".join(f"_row.{name}" for name in candidates.columns)
    into = f"({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})" if columns else "DEFAULT VALUES"
    body = f"""
#variable_conflict use_column
DECLARE
  _row record; _count bigint; _inserted bigint := 0; _refused jsonb := '{{}}';
  _code text; _constraint text; _message text; _context text;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  FOR _row IN {query} LOOP
    BEGIN
      INSERT INTO {relation.sql} {into};
      GET DIAGNOSTICS _count = ROW_COUNT;
      _inserted := _inserted + _count;
      _code := CASE _count WHEN 0 THEN 'skipped' END;
      _message := {literal(skipped)};
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS _message = MESSAGE_TEXT, _constraint = CONSTRAINT_NAME, _code = RETURNED_SQLSTATE,
        _context = PG_EXCEPTION_CONTEXT;
      _code := _code || _constraint;
      IF _context LIKE 'PL/pgSQL function %' AND _context NOT LIKE 'PL/pgSQL function inline%' THEN
        _message := format('%s (%s)', _message, split_part(_context, E'\\n', 1));
      END IF;
    END;
    IF _code IS NOT NULL THEN
      _refused := _refused || jsonb_build_object(_code, jsonb_build_array(
        coalesce((_refused -> _code ->> 0)::bigint, 0) + 1, coalesce(_refused -> _code ->> 1, _message)));
    END IF;
    EXIT WHEN _inserted >= {need};
  END LOOP;
  PERFORM set_config({literal(say)}, jsonb_build_object('inserted', _inserted, 'refused', _refused)::text, false);
END"""
    return f"DO {literal(body)}"
