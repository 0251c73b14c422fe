"""When PostgreSQL refuses an enum's new value: what MS415 says, asked of all servers."""

import psycopg
import pytest

from migsafe.sandbox.server import Server
from tests.conftest import each_major

SETUP = "CREATE TYPE state AS ENUM ('new'); CREATE TABLE parcel (id bigint, state state)"
ADD = "ALTER TYPE state ADD VALUE 'sent'"


@each_major
@pytest.mark.parametrize(
    "use",
    [
        "UPDATE parcel SET state = 'sent'",
        "INSERT INTO parcel VALUES (1, 'sent')",
        "ALTER TABLE parcel ALTER COLUMN state SET DEFAULT 'sent'",
        "ALTER TABLE parcel ADD CHECK (state <> 'sent') NOT VALID",
        "CREATE INDEX ON parcel (id) WHERE state = 'sent'",
        "CREATE TABLE letter (state state DEFAULT 'sent')",
        "DO $x$ BEGIN UPDATE parcel SET state = 'sent'; END $x$",
    ],
)
def test_a_new_value_cannot_be_used_before_the_commit(
    postgres: Server, connection: psycopg.Connection, use: str
) -> None:
    connection.execute(SETUP)
    with pytest.raises(psycopg.Error) as refused:
        connection.execute(f"BEGIN; {ADD}; {use}; COMMIT".encode())
    connection.rollback()
    message = "unsafe use of new value" if postgres.version >= 12 else "cannot run inside a transaction block"
    assert message in str(refused.value)


@each_major
def test_values_added_to_a_new_enum(postgres: Server, connection: psycopg.Connection) -> None:
    text = f"BEGIN; {SETUP}; {ADD}; INSERT INTO parcel VALUES (1, 'sent'); COMMIT"
    if 12 <= postgres.version < 17:
        with pytest.raises(psycopg.Error, match="unsafe use of new value"):
            connection.execute(text)
        connection.rollback()
    else:
        connection.execute(text)
