"""Sessions of running code that know what they have written: each has rows of its own in every model of a change."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from migsafe.planning import CodeError
from migsafe.project.orm import KEY, Code
from migsafe.sandbox.rolling import Query, Refused, Send
from migsafe.sandbox.traffic import Kind

LIVE = 3
"""Rows that a session has inserted and not deleted yet."""

OPEN = 0.02
"""Seconds for which a transaction stays open now and then."""

REST = 0.01
"""Seconds between two queries of a session that only reads."""

Release = Mapping[int, Code]
"""What code of a release has for each model, by the number of its line."""


@dataclass
class Row:
    """A row that one session alone writes.

    Attributes:
        key: Literal of its primary key.
        new: Whether the session has inserted it.
        writes: The fields that each of its writes knew (`Code.fields`), and the number of the sample that it wrote.
        held: Samples that some column of it may have its value from.
        deleted: Whether it is no more.
    """

    key: str
    new: bool
    writes: list[tuple[frozenset[str], int]] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    deleted: bool = False

    def write(self, known: frozenset[str], sample: int) -> None:
        if all(earlier <= known for earlier, _ in self.writes):
            self.held.clear()
        self.writes.append((known, sample))
        self.held.add(sample)

    def origin(self, name: str) -> int | None:
        """The sample that it has the value of a field from, as far as code has written it; None if none has."""
        return next((sample for known, sample in reversed(self.writes) if name in known), None)


class Pool:
    """Rows of one model that one session owns, and samples that it has for others."""

    def __init__(self, samples: Sequence[int], keys: Mapping[int, str], rows: Sequence[int]) -> None:
        """Begin.

        Args:
            samples: Those that are in no row.
            keys: Literals of the primary keys of all samples.
            rows: Samples that are rows as they are.
        """
        self._samples = [*samples, *rows]
        self.keys = keys
        self.rows = [Row(keys[number], new=False, held={number}) for number in rows]

    @property
    def live(self) -> list[Row]:
        return [row for row in self.rows if row.new and not row.deleted]

    @property
    def kept(self) -> list[Row]:
        return [row for row in self.rows if not row.new]

    def free(self, statements: Sequence[str | None]) -> Iterator[int]:
        """Samples that no row has anything of, and that there is a statement for."""
        held = {number for row in self.rows if not row.deleted for number in row.held}
        return (number for number in self._samples if number not in held and statements[number])

    def unused(self, code: Code) -> int | None:
        """A sample to insert."""
        taken = {row.key for row in self.rows if not row.deleted} if code.returned is None else set()
        return next((one for one in self.free(code.inserts) if self.keys[one] not in taken), None)


class Worker:
    """What one session does.

    Attributes:
        pools: By the number of the model's line.
        releases: Whose code it runs: one, or both while one replaces the other.
    """

    def __init__(self, number: int, pools: Mapping[int, Pool], *, writes: bool = True) -> None:
        self.pools = pools
        self.releases: Sequence[Release] = ()
        self._random = random.Random(number)
        self._writes = writes
        self._turns = number
        self._noting = Lock()
        self._errors: Counter[tuple[str, str, str, str]] = Counter()
        self._refused: dict[tuple[str, str, str, str], str] = {}

    def turn(self, send: Send) -> int | None:
        """Use the next model once in every way; say which it was, if that includes to write."""
        if not self.pools:
            time.sleep(REST)
            return None
        self._turns += 1
        number = self._turns % len(self.pools)
        for act in (self._read, self._insert, self._update, self._read_one, self._change, self._delete):
            if code := self._code(number):
                act(partial(self._send, send, code), code, self.pools[number])
        if self._writes:
            return number
        time.sleep(REST)
        return None

    def _code(self, line: int) -> Code | None:
        known = [release[line] for release in self.releases if line in release]
        return self._random.choice(known) if known else None

    def _send(self, send: Send, code: Code, action: str, sql: str) -> list[tuple[object, ...]] | None:
        """Make a query; None if it is refused."""
        kind: Kind = "reads" if action == "select" else "writes"
        try:
            return send(Query(code.release, code.table, kind, sql))
        except Refused as error:
            which = code.release, code.model, action, str(error)
            with self._noting:
                self._errors[which] += 1
                self._refused.setdefault(which, sql)
            return None

    def errors(self) -> Counter[tuple[str, str, str, str]]:
        """What it was refused since it was asked last."""
        with self._noting:
            errors, self._errors = self._errors, Counter()
        return errors

    def refused(self, which: tuple[str, str, str, str]) -> str | None:
        return self._refused.get(which)

    def _read(self, send: "_Do", code: Code, pool: Pool) -> None:
        send("select", code.reads[0])

    def _read_one(self, send: "_Do", code: Code, pool: Pool) -> None:
        for row, read in zip(pool.live[-1:], code.reads[1:], strict=False):
            send("select", read.replace(KEY, row.key))

    def _insert(self, send: "_Do", code: Code, pool: Pool) -> None:
        if not code.inserts or (number := pool.unused(code)) is None:
            return
        returned = send("insert", str(code.inserts[number]))
        if returned is not None:
            key = pool.keys[number] if code.returned is None else _quoted(returned[0][code.returned])
            row = Row(key, new=True)
            row.write(code.fields, number)
            pool.rows.append(row)

    def _update(self, send: "_Do", code: Code, pool: Pool) -> None:
        """Save one of the rows that were inserted."""
        if live := pool.live:
            self._save(send, code, pool, self._random.choice(live))

    def _change(self, send: "_Do", code: Code, pool: Pool) -> None:
        """Save one of the rows that were there before; now and then in a transaction that takes some time."""
        if not (kept := pool.kept):
            return
        row = self._random.choice(kept)
        if self._turns // len(self.pools) % 4:
            self._save(send, code, pool, row)
        elif send("begin", "BEGIN") is not None:
            saved = self._save(send, code, pool, row)
            time.sleep(OPEN)
            send("commit", "COMMIT" if saved else "ROLLBACK")

    def _save(self, send: "_Do", code: Code, pool: Pool, row: Row) -> bool:
        number = next(pool.free(code.updates), None) if code.updates else None
        if number is None:
            return True
        saved = send("update", str(code.updates[number]).replace(KEY, row.key)) is not None
        if saved:
            row.write(code.fields, number)
        return saved

    def _delete(self, send: "_Do", code: Code, pool: Pool) -> None:
        live = pool.live
        if len(live) <= LIVE or not code.deletes or send("begin", "BEGIN") is None:
            return
        done = all(send("delete", sql.replace(KEY, live[0].key)) is not None for sql in code.deletes)
        if send("commit", "COMMIT" if done else "ROLLBACK") is not None:
            live[0].deleted = done


_Do = Callable[[str, str], list[tuple[object, ...]] | None]


def errors(workers: Sequence[Worker]) -> tuple[CodeError, ...]:
    """What all of them were refused since they were asked last, most often first."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for worker in workers:
        counted += worker.errors()
    return tuple(
        CodeError(
            release=which[0],
            model=which[1],
            action=which[2],
            error=which[3],
            count=count,
            sql=next(filter(None, (worker.refused(which) for worker in workers)), None),
        )
        for which, count in counted.most_common()
    )


def _quoted(value: object) -> str:
    text = str(value).replace("'", "''")
    return f"'{text}'"
