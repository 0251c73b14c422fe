"""Whether a plan ends where the original migrations end: what is in which row, and the schema."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from migsafe.planning import WrongRows
from migsafe.project.orm import Final, Lineage, Sample
from migsafe.sandbox.rolling import execute
from migsafe.sandbox.rows import differing, row_differences
from migsafe.verification import RowDifference
from migsafe.verify.rolling import Row, Worker

EXAMPLES = 3

OURS = "django_migrations"
"""The table that differs: which migrations are applied."""


def expected(lineage: Lineage, samples: Sequence[Sequence[Sample]], workers: Sequence[Worker]) -> Iterator[Final]:
    """What makes of the end of the originals what code has written meanwhile."""
    for number, line in enumerate(lineage.lines):
        if line.after is None:
            continue
        for worker in workers:
            for row in worker.pools[number].rows:
                if row.deleted or not row.writes:
                    continue
                last = row.writes[-1][1]
                fields = {name: row.origin(name) for name in line.columns_after}
                others = {name: samples[number][at] for name, at in fields.items() if at is not None}
                if final := lineage.final(line, samples[number][last], others, key=row.key, new=row.new):
                    yield final


def settle(dsn: str, rows: Iterable[Final]) -> list[str]:
    """Make rows what they have to be, in an order that unique values allow; return what the server refuses."""
    left = {row.sql: row for row in rows}
    while refused := execute(dsn, left):
        if len(refused) == len(left):  # rows that have exchanged their values
            again = [*(row.delete for row in left.values()), *(row.insert for row in left.values())]
            return list(execute(dsn, again).values())
        left = {sql: left[sql] for sql in refused}
    return []


def wrong_rows(
    lineage: Lineage, samples: Sequence[Sequence[Sample]], workers: Sequence[Worker], made: str, carried_out: str
) -> tuple[tuple[WrongRows, ...], dict[str, int]]:
    """What is not in the rows that should be.

    Args:
        samples: By line.
        made: Connection string of what it has to be like.
        carried_out: Of what the plan has made.

    Returns:
        That, and by table how many rows nothing is known of: the change deletes rows there by what is in them, and
        code has written something else into these, before that or afterwards.
    """
    tables = {line.table_after: _Table(lineage, number, samples, workers) for number, line in enumerate(lineage.lines)}
    unknown: dict[str, set[str]] = defaultdict(set)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    counted: Counter[tuple[str, str]] = Counter()
    for difference in row_differences(made, carried_out):
        name, column = difference.table, difference.column or ""
        if name == OURS:
            continue
        excused = 0
        for key, was, now in differing(made, carried_out, difference):
            if name in tables and tables[name].may_be_deleted(key):
                unknown[name].add(key)
                excused += 1
            elif name in tables and tables[name].excuses(key, column, now):
                excused += 1
            elif len(found[name, column]) < EXAMPLES:
                found[name, column].append(_example(key, difference, was, now))
        counted[name, column] += difference.rows - excused
    wrong = tuple(
        WrongRows(table=table, column=column, count=count, examples=tuple(found[table, column]))
        for (table, column), count in sorted(counted.items())
        if count > 0
    )
    return wrong, {table: len(keys) for table, keys in unknown.items()}


class _Table:
    """What need not be known of the rows of a model."""

    def __init__(
        self, lineage: Lineage, number: int, samples: Sequence[Sequence[Sample]], workers: Sequence[Worker]
    ) -> None:
        self._lineage = lineage
        self._line = line = lineage.lines[number]
        self._samples = samples[number]
        self._rows = _written(number, workers)
        self._deletes = line.after is not None and any(one.before and not one.after for one in self._samples)
        self._moved = frozenset(column for one in self._samples for column in lineage.moved(line, one))
        above = [at for at, other in enumerate(lineage.lines) if other.is_above(line)]
        self._above = frozenset(key for at in above for key in _written(at, workers))
        """Keys of rows of which code has written the part that is in a table of a parent."""
        self._fields = {column: name for name, column in self._line.columns_after.items()}
        self._volatile = {
            column: None
            if keys is None
            else keys | {one.key for one in self._samples if column in lineage.without(line, one)}
            for column, keys in lineage.volatile(line).items()
        }

    def may_be_deleted(self, key: str) -> bool:
        """Whether it depends on when code has written a row if the change deletes it."""
        return self._deletes and _literal(key) in self._rows

    def excuses(self, key: str, column: str, now: str | None) -> bool:
        """Whether another value is as good.

        What code has written is not what a change of data would have made of it, if it was written afterwards; and a
        change of data may have had its value from what code has written into the parent's part of the row. What is
        another value with every run, and what the last to write a row did not know, only has to be there; not even that
        in a row that was made by code that leaves it NULL.
        """
        literal = _literal(key)
        row = self._rows.get(literal)
        if literal in self._above and column in self._moved:
            return True
        if row and any(column in self._lineage.moved(self._line, self._samples[at]) for _, at in row.writes):
            return True
        name = self._fields.get(column)
        if row and row.new and name in self._line.left_null and row.origin(name) is None:
            return True
        unknown = row is not None and name not in row.writes[-1][0]
        return bool(column) and now is not None and (unknown or self._is_computed(column, literal, row))

    def _is_computed(self, column: str, key: str, row: Row | None) -> bool:
        """Whether the change itself gives a value that is another one each time."""
        if column not in self._volatile:
            return False
        keys = self._volatile[column]
        origin = row.origin(self._fields[column]) if row else None
        return keys is None or (key if origin is None else self._samples[origin].key) in keys


def _written(line: int, workers: Sequence[Worker]) -> dict[str, Row]:
    """Rows of a model that code has written, by the literals of their keys."""
    return {row.key: row for worker in workers for row in worker.pools[line].rows if row.writes}


def _literal(key: str) -> str:
    return "'" + key.replace("'", "''") + "'"


def _example(key: str, difference: RowDifference, was: str | None, now: str | None) -> str:
    if difference.column is None:
        return f"{key} should not be there" if difference.added else f"{key} is missing"
    return f"{key}: {'NULL' if now is None else repr(now)} instead of {'NULL' if was is None else repr(was)}"
