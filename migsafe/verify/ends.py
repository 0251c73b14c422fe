"""Whether a plan ends where the original migrations end: what is in which row, and the schema."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from migsafe.planning import WrongRows
from migsafe.project.orm import Line, Lineage, Sample
from migsafe.sandbox.rows import differing, row_differences
from migsafe.verify.rolling import Worker

EXAMPLES = 3

OURS = "django_migrations"
"""The table that differs: which migrations are applied."""


def expected(lineage: Lineage, samples: Sequence[Sequence[Sample]], workers: Sequence[Worker]) -> Iterator[str]:
    """Statements that make of the end of the originals what code has written meanwhile."""
    for number, line in enumerate(lineage.lines):
        if line.after is None:
            continue
        for worker in workers:
            for row in worker.pools[number].rows:
                if row.deleted or not row.writes:
                    continue
                last = row.writes[-1][1]
                fields = {name: row.origin(name) for name in line.columns_after}
                others = {name: samples[number][at] for name, at in fields.items() if at not in (None, last)}
                sql = lineage.final(line, samples[number][last], others, key=row.key, new=row.new)
                if sql:
                    yield sql


def wrong_rows(lineage: Lineage, workers: Sequence[Worker], made: str, carried_out: str) -> tuple[WrongRows, ...]:
    """What is not in the rows that should be.

    What is another value with every run, and what the last to write a row did not know, only has to be there.

    Args:
        made: Connection string of what it has to be like.
        carried_out: Of what the plan has made.
    """
    lines = {line.table_after: number for number, line in enumerate(lineage.lines)}
    volatile = {table: lineage.volatile(lineage.lines[number]) for table, number in lines.items() if table}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    counted: Counter[tuple[str, str]] = Counter()
    for difference in row_differences(made, carried_out):
        table, column = difference.table, difference.column
        if table == OURS:
            continue
        doubtful = _doubtful(lineage.lines[lines[table]], workers, lines[table], column) if table in lines else set()
        count = 0
        for key, was, now in differing(made, carried_out, difference):
            missing = column is not None and now is None
            if not missing and (key in doubtful or column in volatile.get(table, ())):
                count += 1
            elif len(found[table, column or ""]) < EXAMPLES:
                found[table, column or ""].append(_example(key, column, was, now, added=difference.added))
        counted[table, column or ""] += difference.rows - count
    return tuple(
        WrongRows(table=table, column=column, count=count, examples=tuple(found[table, column]))
        for (table, column), count in sorted(counted.items())
        if count > 0
    )


def _doubtful(line: Line, workers: Sequence[Worker], number: int, column: str | None) -> set[str]:
    """Keys of rows whose value in a column may be an earlier one: who wrote them last did not know the column."""
    field = next((name for name, each in line.columns_after.items() if each == column), None)
    if field is None:
        return set()
    return {
        row.key.strip("'")
        for worker in workers
        for row in worker.pools[number].rows
        if row.writes and field not in row.writes[-1][0]
    }


def _example(key: str, column: str | None, was: str | None, now: str | None, *, added: bool) -> str:
    if column is None:
        return f"{key} should not be there" if added else f"{key} is missing"
    return f"{key}: {'NULL' if now is None else repr(now)} instead of {'NULL' if was is None else repr(was)}"
