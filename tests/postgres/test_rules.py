"""What rules about tables and transactions say of PostgreSQL, asked of all servers."""

import psycopg
import pytest

from migsafe.sandbox.server import Server
from tests.conftest import each_major

ORDER = "CREATE TABLE \"order\" (id serial PRIMARY KEY, note text NOT NULL DEFAULT 'none')"


@each_major
@pytest.mark.parametrize(
    "move",
    [
        'ALTER TABLE "order" RENAME TO purchase; CREATE VIEW "order" AS SELECT * FROM purchase',
        'CREATE SCHEMA sales; ALTER TABLE "order" SET SCHEMA sales; CREATE VIEW "order" AS SELECT * FROM sales."order"',
    ],
)
def test_old_code_reads_and_writes_through_a_view_of_the_old_name(
    postgres: Server, connection: psycopg.Connection, move: str
) -> None:
    connection.execute(f"BEGIN; {ORDER}; {move}; COMMIT".encode())
    key = connection.execute("INSERT INTO \"order\" (note) VALUES ('a') RETURNING id").fetchone()
    assert key == (1,)
    connection.execute("INSERT INTO \"order\" (id, note) VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET note = 'c'")
    connection.execute('SELECT * FROM "order" WHERE id = 1 FOR UPDATE')
    assert connection.execute('UPDATE "order" SET note = note || note RETURNING note').fetchone() == ("cc",)
    assert connection.execute('DELETE FROM "order"').rowcount == 1


@each_major
def test_row_level_security_without_a_policy_hides_all_rows(postgres: Server, connection: psycopg.Connection) -> None:
    count = 'SELECT count(*) FROM "order"'
    connection.execute(
        f"{ORDER}; INSERT INTO \"order\" VALUES (1, 'a'); DROP ROLE IF EXISTS owning; DROP ROLE IF EXISTS clerk;"
        'CREATE ROLE owning; CREATE ROLE clerk; ALTER TABLE "order" OWNER TO owning; GRANT ALL ON "order" TO clerk;'
        'GRANT USAGE ON SCHEMA public TO owning, clerk; ALTER TABLE "order" ENABLE ROW LEVEL SECURITY'.encode()
    )
    seen = {}
    for forced in (False, True):
        if forced:
            connection.execute('ALTER TABLE "order" FORCE ROW LEVEL SECURITY')
        for role in ("owning", "clerk"):
            connection.execute(f"SET ROLE {role}".encode())
            seen[role, forced] = (connection.execute(count.encode()).fetchone() or ())[0]
            connection.execute("RESET ROLE")
    connection.execute('DROP TABLE "order"; REVOKE ALL ON SCHEMA public FROM owning, clerk; DROP ROLE owning, clerk')
    assert seen == {("owning", False): 1, ("clerk", False): 0, ("owning", True): 0, ("clerk", True): 0}


@each_major
def test_set_local_needs_a_transaction(postgres: Server, connection: psycopg.Connection) -> None:
    connection.execute("SET LOCAL lock_timeout = '5s'")
    assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)


@each_major
def test_set_lasts_longer_than_the_transaction(postgres: Server, connection: psycopg.Connection) -> None:
    connection.execute("BEGIN; SET lock_timeout = '5s'; COMMIT")
    assert connection.execute("SHOW lock_timeout").fetchone() == ("5s",)
    connection.execute("RESET lock_timeout")


@each_major
def test_a_transaction_that_is_left_open_is_lost(postgres: Server, database: str) -> None:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as first:
        first.execute("BEGIN")
        first.execute("CREATE TABLE applied (a int)")
        first.close()
    with psycopg.connect(postgres.dsn(database), autocommit=True) as second:
        assert second.execute("SELECT to_regclass('applied')").fetchone() == (None,)


@each_major
def test_a_partition_can_be_made_as_an_ordinary_table_first(postgres: Server, connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TABLE event (id bigint, day date NOT NULL CHECK (day > '2000-01-01')) PARTITION BY RANGE (day);"
        "CREATE TABLE event_2026 (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);"
        "ALTER TABLE event ATTACH PARTITION event_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
    )
    connection.execute("INSERT INTO event VALUES (1, '2026-05-05')")
    assert connection.execute("SELECT count(*) FROM event_2026").fetchone() == (1,)
