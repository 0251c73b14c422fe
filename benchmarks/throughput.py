"""What a server reads, indexes and writes anew in a second: where `migsafe.postgres.throughput` has its numbers from.

    python -m benchmarks.throughput        five minutes, and 5 GB of disk

A new server with the settings that PostgreSQL comes with (durable, 128 MB of shared buffers), on the disk that the
working directory is on. Each statement is timed once, in a transaction that is rolled back: a migration runs once too.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from migsafe.sandbox.binaries import account, find

TABLES = {"narrow": "NULL", "wide": "repeat(md5(i::text), 14)"}
"""Name → what its column ``note`` holds: rows of about 85 and 540 bytes."""

CREATE = """
CREATE TABLE {name} (id bigint, parent_id bigint NOT NULL, amount integer NOT NULL, code text NOT NULL, note text);
INSERT INTO {name} SELECT i, 1 + i % 100000, i % 1000, md5(i::text), {note} FROM generate_series(1, {rows}) i
"""
STATEMENTS = (
    ("scan", "ALTER TABLE {name} ADD CHECK (amount >= 0)"),
    ("scan", "ALTER TABLE {name} ADD FOREIGN KEY (parent_id) REFERENCES parent"),
    ("index", "CREATE INDEX ON {name} (parent_id, id)"),
    ("index", "CREATE INDEX ON {name} (code, id)"),
    ("rewrite", "ALTER TABLE {name} ALTER amount TYPE bigint"),
)
INDEXED = """
ALTER TABLE {name} ADD PRIMARY KEY (id);
CREATE INDEX ON {name} (parent_id);
CREATE INDEX ON {name} (code)
"""
UPDATE = "UPDATE {name} SET amount = amount + 1 WHERE id % {every} = 0"
EVERY = 10
"""One in how many rows is updated: all of them would take very long."""


@contextmanager
def server(major: int) -> Iterator[str]:
    programs = find(major)
    base = Path(tempfile.mkdtemp(prefix="throughput-", dir=Path.cwd()))
    if user := account():
        shutil.chown(base, user.uid, user.gid)
    initdb = programs.start(["initdb", "-D", base / "data", "--username=postgres", "--auth=trust", "--no-locale"])
    initdb.communicate()
    dsn = f"host={base} user=postgres dbname=postgres"
    with programs.start(["postgres", "-D", base / "data", "-k", base, "-c", "listen_addresses="]) as running:
        try:
            while psycopg.pq.PGconn.ping(dsn.encode()) != psycopg.pq.Ping.OK:
                time.sleep(0.1)
            yield dsn
        finally:
            running.terminate()
            running.communicate()
            shutil.rmtree(base)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", type=int, default=16)
    parser.add_argument("--bytes", type=int, default=1_000_000_000, help="of each table")
    arguments = parser.parse_args()
    with server(arguments.postgres) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE parent AS SELECT i::bigint AS id FROM generate_series(1, 100000) i")
        connection.execute("ALTER TABLE parent ADD PRIMARY KEY (id)")
        for name, note in TABLES.items():
            rows = arguments.bytes // (85 if note == "NULL" else 540)

            def measure(kind: str, sql: str, rows: int, size: int) -> None:
                started = time.perf_counter()
                with connection.transaction(force_rollback=True):
                    connection.execute(sql)
                    seconds = time.perf_counter() - started
                rates = f"{size / seconds / 1e6:5.0f} MB/s {rows / seconds / 1e6:6.2f} M rows/s"
                print(f"{kind:8} {seconds:6.1f} s {rates}   {sql}", flush=True)

            connection.execute(CREATE.format(name=name, note=note, rows=rows))
            connection.execute(f"VACUUM ANALYZE {name}")
            (size,) = connection.execute("SELECT pg_relation_size(%s)", [name]).fetchone() or (0,)
            for kind, sql in STATEMENTS:
                connection.execute("CHECKPOINT")
                measure(kind, sql.format(name=name), rows, size)
            connection.execute(INDEXED.format(name=name))
            connection.execute("CHECKPOINT")
            measure("update", UPDATE.format(name=name, every=EVERY), rows // EVERY, size // EVERY)
            connection.execute(f"DROP TABLE {name}")


if __name__ == "__main__":
    main()
