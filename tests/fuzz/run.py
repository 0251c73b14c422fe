"""Examples: random statements, each predicted, observed and executed, and the shortest way to a difference."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import msgspec

from migsafe.actions import Delete, Insert, Parsed, Select, Update
from migsafe.sandbox.observe import Observer
from migsafe.sql.parse import parse
from migsafe.verification import Difference
from tests.fuzz.schema import Schema
from tests.fuzz.statements import Text, alone, beginning, statement
from tests.observed import Compared, Database, said

Step = tuple[Text, ...]
"""Statements of one transaction."""


LENGTH = 16
BEGINNING = 5
"""Steps of an example, and how many of them make its schema."""


class Found(msgspec.Struct, frozen=True):
    """A difference, with the shortest schema that shows it."""

    postgres: int
    schema: tuple[str, ...]
    statement: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        case = f'    ({self.postgres}, """{"; ".join(self.schema)};""", """{self.statement}"""),'
        return "\n".join([case, *(f"        # {self.postgres}: {line}" for line in self.lines)])


class Counts(msgspec.Struct):
    statements: int = 0
    compared: int = 0
    differences: int = 0
    unsteady: int = 0
    refused: "Counter[str]" = msgspec.field(default_factory=Counter)
    unknown: "Counter[str]" = msgspec.field(default_factory=Counter)

    def __str__(self) -> str:
        compared = f"{self.compared} of {self.statements} statements were accepted and compared"
        return f"{compared} ({self.compared / max(self.statements, 1):.0%}), {sum(self.unknown.values())} not analysed, {self.differences} not as predicted, {self.unsteady} only once"


class Explorer:
    """Runs examples on one server, one after the other."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.postgres = observer.connection.info.server_version // 10000
        self.counts = Counts()
        self._known: set[object] = set()
        self._made = 0

    def example(self, random: Random) -> Iterator[Found]:
        """Run one; differences of a kind that was found before are only counted."""
        database = self._fresh()
        notes: dict[str, tuple[str, ...]] = {}
        done: list[Step] = []
        for number in range(LENGTH):
            schema = Schema(random, database.catalog, self.postgres, notes)
            if number < BEGINNING:
                step: Step = (beginning(schema),)
            elif schema.chance(4):
                step = (alone(schema),)
            else:
                first = statement(schema)
                step = (first, statement(schema.after(first))) if schema.chance(10) else (first,)
            compared = database.compare(_together(step))
            self._count(compared)
            done.append(step)
            differences = _counting(step, compared)
            if differences and self._is_new(step, differences):
                if found := self._reduced(done, {said(each) for each in differences}):
                    yield found
                return
            if compared.unknown:
                return  # what it did to the schema is not known

    def _fresh(self) -> Database:
        self._made += 1
        if self._made % 100 == 0:
            self._observer.connection.execute("VACUUM")  # or what is left of dropped schemas slows everything down
        self._observer.connection.execute(
            "DROP SCHEMA IF EXISTS s CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        )
        return Database(self._observer)

    def _is_new(self, step: Step, differences: list[Difference]) -> bool:
        """Whether it is not of the kind of one that was found: the same actions, with the same differences."""
        self.counts.differences += 1
        kind = (
            frozenset(type(action) for action in _together(step).actions),
            frozenset((each.predicted, each.observed) for each in differences),
        )
        known = kind in self._known
        self._known.add(kind)
        return not known

    def _count(self, compared: Compared) -> None:
        self.counts.statements += 1
        if compared.refused:
            self.counts.refused[compared.refused] += 1
        elif compared.unknown:
            self.counts.unknown[compared.unknown] += 1
        else:
            self.counts.compared += 1

    def _reduced(self, steps: list[Step], lines: set[str]) -> Found | None:
        """Leave out what the difference does not need; None if it needs the rows that the statements met on their way."""
        lines &= self._again(steps)
        if not lines:
            self.counts.unsteady += 1
            return None
        smaller = True
        while smaller:
            smaller = False
            for candidate in _smaller(steps):
                if found := lines & self._again(candidate):
                    steps, lines, smaller = candidate, found, True
                    break
        *before, last = (_together(step).sql for step in steps)
        return Found(self.postgres, tuple(before), last, tuple(sorted(lines)))

    def _again(self, steps: list[Step]) -> set[str]:
        database = self._fresh()
        for step in steps[:-1]:
            database.execute(_together(step))
        return {said(each) for each in _counting(steps[-1], database.compare(_together(steps[-1])))}


def _counting(step: Step, compared: Compared) -> list[Difference]:
    """Differences that count: what DML touches depends on the rows it meets, and locks of moments may go unseen."""
    bound = not compared.transaction or any(isinstance(each, _DML) for each in _together(step).actions)
    return [each for each in compared.differences if each.exceeds or not bound]


_DML = (Delete, Insert, Select, Update)


def _together(step: Step) -> Parsed:
    statements = [parsed for text in step for parsed in parse(str(text))]
    return Parsed(
        sql="; ".join(each.sql for each in statements),
        line=1,
        actions=tuple(action for each in statements for action in each.actions),
        dynamic=any(each.dynamic for each in statements),
    )


def _smaller(steps: list[Step]) -> Iterator[list[Step]]:
    """The same example without a statement, or without a part of one."""
    for number in reversed(range(len(steps) - 1)):
        yield steps[:number] + steps[number + 1 :]
    for number in reversed(range(len(steps))):
        step = steps[number]
        for place, text in enumerate(step):
            for less in (*([()] if len(step) > 1 else []), *((each,) for each in text.smaller())):
                yield [*steps[:number], (*step[:place], *less, *step[place + 1 :]), *steps[number + 1 :]]
