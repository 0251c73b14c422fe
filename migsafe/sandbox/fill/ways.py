"""Ways to satisfy all conditions of a table: what each asks of each column, in one SQL expression for all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import product

import msgspec

from migsafe.sandbox.fill.patterns import matching
from migsafe.sandbox.fill.values import between, literal, text, within
from migsafe.sql.parse.conditions import MOST_WAYS, Term, Way

__all__ = ["Asked", "combined", "orderly"]


def combined(conditions: Iterable[Sequence[Way]]) -> list[Way]:
    """Ways to satisfy all conditions, each of which has alternatives; what would make too many is left out."""
    result: list[Way] = [()]
    for alternatives in sorted(conditions, key=len):
        some = alternatives[:: -(-len(alternatives) // MOST_WAYS)]
        if len(result) * len(some) <= MOST_WAYS:
            together = [(*before, *way) for before, way in product(result, some)]
            result = [way for way in together if _possible(way)] or result
    return result


def _possible(way: Way) -> bool:
    by_column: dict[str, Asked] = {}
    for term in way:
        by_column[term.column] = by_column.get(term.column, Asked()).with_term(term)
    return all(asked.possible for asked in by_column.values())


def orderly(alternatives: Sequence[Way], known: Collection[str], free: Collection[str]) -> tuple[list[Way], list[str]]:
    """Leave out terms that would make a column depend on itself by way of others.

    Args:
        alternatives: As `combined` gives them.
        known: Columns that have their value before all others.
        free: Those that may be narrowed.

    Returns:
        The ways, and the free columns, each after those that it depends on.
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(free)

    def fits(term: Term) -> bool:
        others = {name for name in term.reads if name != term.column} - set(known)
        if not others:
            return True
        if term.column not in graph or not others <= set(free):
            return False
        if any(networkx.has_path(graph, term.column, other) for other in others):
            return False
        graph.add_edges_from((other, term.column) for other in others)
        return True

    kept = [tuple(term for term in way if fits(term)) for way in alternatives]
    rank = {name: number for number, name in enumerate(free)}
    return kept, list(networkx.lexicographical_topological_sort(graph, rank.__getitem__))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a way asks of one column.

    Attributes:
        null: Whether it has to be NULL; None if it may be.
        values: SQL of the possible values; None if it is not known.
        same: SQL that the value is equal to, reading other columns or the column itself.
        lower: SQL of values that it is not less than; with ``strict``, greater.
        mentions: Texts in conditions that are not understood.
    """

    null: bool | None = None
    possible: bool = True
    values: tuple[str, ...] | None = None
    same: Term | None = None
    lower: tuple[tuple[str, bool], ...] = ()
    upper: tuple[tuple[str, bool], ...] = ()
    patterns: tuple[str, ...] = ()
    shortest: int = 0
    longest: int | None = None
    mentions: tuple[str, ...] = ()

    def with_term(self, term: Term) -> Asked:
        replace = msgspec.structs.replace
        match term.operator:
            case "null" | "not null":
                null = term.operator == "null"
                return replace(self, null=null, possible=self.possible and self.null in (None, null))
            case "=" if term.reads:
                return replace(self, same=term)
            case "=":
                values = tuple(v for v in term.values if self.values is None or _bare(v) in map(_bare, self.values))
                return replace(self, values=values, possible=self.possible and bool(values))
            case ">" | ">=":
                return replace(self, lower=(*self.lower, (term.values[0], term.operator == ">")))
            case "<" | "<=":
                return replace(self, upper=(*self.upper, (term.values[0], term.operator == "<")))
            case "~":
                return replace(self, patterns=(*self.patterns, term.values[0]))
            case "like":
                return replace(self, patterns=(*self.patterns, _as_regex(term.values[0])))
            case "length >=":
                return replace(self, shortest=max(self.shortest, int(term.values[0])))
            case "length <=":
                return replace(self, longest=min(int(term.values[0]), self.longest or int(term.values[0])))
            case _:
                return replace(self, mentions=(*self.mentions, *term.values))

    def edges(self, kind: str, edges: Sequence[str]) -> Sequence[str]:
        """Edge values that satisfy it: those of the type ``kind``, moved in between the bounds."""
        if self.values is not None or self.same or self.patterns:
            return ()
        if self.shortest or self.longest is not None:
            return [f"repeat('x', {length})" for length in (self.shortest, self.longest) if length is not None]
        if between(kind, "0", None, "0") is None:
            return edges if not (self.lower or self.upper) else ()
        low, high = self._bounds(kind)
        raised = (f"greatest({edge}, {low})" if low else edge for edge in edges)
        moved = (f"least({edge}, {high})" if high else edge for edge in raised)
        return tuple(within(kind, edge) for edge in moved) if low or high else edges

    def spread(
        self, kind: str, k: str, spread: str, *, name: str, cast: str, length: int | None, count: int, seed: int
    ) -> str:
        """SQL of a value that satisfies it.

        Args:
            kind: ``pg_type.typname``.
            k: SQL of a whole number ≥ 0.
            spread: SQL of any value of the type.
            name: Of the column.
            cast: SQL of the type.
            length: Of texts: the most characters.
            count: How many different values are enough.
            seed: For texts that match a pattern.
        """
        if self.values is not None:
            return _one_of(self.values, k)
        if self.same is not None:
            if self.same.column not in self.same.reads:
                return f"({self.same.values[0]})"
            quoted = '"' + name.replace('"', '""') + '"'
            value = "" if name == "value" else f", {spread} AS value"  # as domains call it
            return f"(SELECT {self.same.values[0]} FROM (SELECT {spread} AS {quoted}{value}) AS v)"
        if self.patterns:
            texts = matching(self.patterns[0], count, self._shortest_of(length), seed)
            return f"(ARRAY[{', '.join(map(literal, texts))}])[1 + {k} % {len(texts)}]" if texts else spread
        if self.shortest or self.longest is not None:
            return text(self._shortest_of(length), self.shortest, k)
        if self.lower or self.upper:
            low, high = self._bounds(kind)
            made = between(kind, low, high, k)
            if made is None:
                made = _one_of([sql for sql, _ in (*self.lower, *self.upper)], k)
            return f"coalesce(({made})::{cast}, {spread})"
        return spread

    def _shortest_of(self, length: int | None) -> int | None:
        return min((one for one in (length, self.longest) if one is not None), default=None)

    def _bounds(self, kind: str) -> tuple[str | None, str | None]:
        """The least and the greatest value; of whole ones those next to strict bounds."""
        step = {"int2": "::numeric {} 1", "int4": "::numeric {} 1", "int8": "::numeric {} 1", "date": " {} 1"}.get(
            kind, ""
        )
        low = [f"({sql}){step.format('+')}" if strict else sql for sql, strict in self.lower]
        high = [f"({sql}){step.format('-')}" if strict else sql for sql, strict in self.upper]
        return f"greatest({', '.join(low)})" if low else None, f"least({', '.join(high)})" if high else None


def _one_of(choices: Sequence[str], k: str) -> str:
    if len(choices) == 1:
        return choices[0]
    cases = " ".join(f"WHEN {number} THEN {choice}" for number, choice in enumerate(choices))
    return f"(CASE ({k}) % {len(choices)} {cases} END)"


def _bare(value: str) -> str:
    """A constant without its cast."""
    return value.partition("::")[0]


def _as_regex(pattern: str) -> str:
    """What LIKE matches."""
    return "".join({"%": "[a-z0-9]{0,9}", "_": "[a-z]"}.get(part, re.escape(part)) for part in pattern)
