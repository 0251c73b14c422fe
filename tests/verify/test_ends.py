"""What code has written is made of the end of the originals, too."""

from types import SimpleNamespace
from typing import Any

import psycopg

from migsafe.project.orm import Final, Sample
from migsafe.sandbox.server import Server
from migsafe.verify.ends import _Table, settle
from migsafe.verify.rolling import Pool, Row, Worker


def final(key: int, value: int, *, new: bool = False) -> Final:
    insert = f"INSERT INTO made VALUES ({key}, {value})"
    update = f"UPDATE made SET value = {value} WHERE id = {key}"
    return Final(insert if new else update, f"DELETE FROM made WHERE id = {key}", insert)


def test_unique_values_may_have_gone_from_row_to_row(postgres: Server, database: str) -> None:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.execute("CREATE TABLE made (id int PRIMARY KEY, value int UNIQUE)")
        connection.execute("INSERT INTO made VALUES (1, 10), (2, 20), (3, 30), (4, 40)")
        handed_on = [final(5, 10, new=True), final(1, 20), final(2, 50)]
        exchanged = [final(3, 40), final(4, 30)]
        assert settle(postgres.dsn(database), [*handed_on, *exchanged]) == []
        found = connection.execute("SELECT * FROM made ORDER BY id").fetchall()
        assert found == [(1, 20), (2, 50), (3, 40), (4, 30), (5, 10)]
        [message] = settle(postgres.dsn(database), [final(6, 10, new=True)])
        assert message.startswith("duplicate key value")


def test_what_is_copied_from_the_parents_part_of_a_row_that_code_has_written_is_not_wrong() -> None:
    child: Any = SimpleNamespace(
        after=None, left_null=(), columns_after={"copied": "copied"}, is_above=lambda other: False
    )
    parent: Any = SimpleNamespace(is_above=lambda other: other is child)
    lineage: Any = SimpleNamespace(
        lines=[parent, child], moved=lambda line, sample: {"copied"}, volatile=lambda line: {}, without=None
    )
    pool = Pool((), {}, ())
    pool.rows.append(Row("'7'", new=False, writes=[(frozenset(), 0)]))
    worker = Worker(0, {0: pool, 1: Pool((), {}, ())})
    table = _Table(lineage, 1, [[], [Sample("'7'", None, None)]], [worker])
    assert table.excuses("7", "copied", "1")
    assert not table.excuses("8", "copied", "1")
    assert not table.excuses("7", "other", "1")
