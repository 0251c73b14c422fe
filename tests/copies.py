"""A database and its copy, to change the one and compare it with the other."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import psycopg

from migsafe.sandbox.server import Server

SETTINGS = {
    "timezone": "Asia/Tokyo",
    "datestyle": "German",
    "intervalstyle": "iso_8601",
    "bytea_output": "escape",
    "extra_float_digits": "-10",
    "quote_all_identifiers": "on",
    "search_path": "nowhere",
}


@contextmanager
def copied(server: Server, schema: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Connection strings of a database and of its copy, in which text is written otherwise by default."""
    names: list[str] = []
    try:
        names.append(server.create_database())
        execute(server.dsn(names[0]), schema)
        names.append(server.create_database(names[0]))
        execute(
            server.dsn(names[1]),
            [f"ALTER DATABASE \"{names[1]}\" SET {name} = '{value}'" for name, value in SETTINGS.items()],
        )
        yield server.dsn(names[0]), server.dsn(names[1])
    finally:
        for name in names:
            server.drop_database(name)


def execute(dsn: str, statements: Iterable[str]) -> None:
    with closing(psycopg.connect(dsn, autocommit=True)) as connection:
        connection.execute("SET search_path = public")
        for statement in statements:
            connection.execute(statement.encode())
