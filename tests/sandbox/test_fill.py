from typing import Any

import psycopg

from migsafe.sandbox.fill import fill
from migsafe.sandbox.server import Server


def _query(dsn: str, query: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def _run(dsn: str, script: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(script.encode())


def test_tables_and_those_they_need_are_full(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _run(
        dsn,
        """
        CREATE TABLE author (id serial PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, note text);
        CREATE TABLE book (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pages int CHECK (pages > 0),
            author_id int NOT NULL REFERENCES author DEFERRABLE INITIALLY DEFERRED, sequel_of bigint REFERENCES book);
        CREATE TABLE never (id serial, CONSTRAINT nothing_fits CHECK (false));
        """,
    )
    filled = {one.table: (one.rows, one.reason) for one in fill(dsn, ["book", "never", "gone"], 100)}
    assert filled == {
        "author": (100, None),
        "book": (100, None),
        "gone": (0, "there is no such table"),
        "never": (0, 'new row for relation "never" violates check constraint "nothing_fits"'),
    }
    assert _query(dsn, "SELECT name FROM author WHERE name = ''") == [("",)]
    assert _query(dsn, "SELECT count(*) > 0 FROM author WHERE note IS NULL") == [(True,)]
    assert _query(dsn, "SELECT max(id) = currval('author_id_seq') FROM author, nextval('author_id_seq')") == [(False,)]
