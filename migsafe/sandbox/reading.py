"""A session that only reads, and to which the same database always answers with the same text."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow

# What a server writes for a value, a constant in a default or a name depends on these.
_SETTINGS = {
    "search_path": "public",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
    "row_security": "off",  # an error rather than rows that are left out
    "statement_timeout": "0",
}


@contextmanager
def reading(dsn: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """Connect for as long as the context lasts; all of it sees the same rows.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with psycopg.connect(dsn, prepare_threshold=None) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(
            "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[]) s (name, value)",
            [list(_SETTINGS), list(_SETTINGS.values())],
        )
        yield connection
