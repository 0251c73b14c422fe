"""The schema that the gate judges with is the server's: asked of real ones."""

import psycopg
import pytest

from migsafe.actions import Name
from migsafe.api import schema
from migsafe.gate.schema import as_on_server
from migsafe.project.live_schema import schema_of
from migsafe.sandbox.server import Server
from migsafe.sql.catalog import Catalog
from migsafe.sql.differences import differences
from tests.conftest import MAJORS

SCHEMA = """
CREATE SCHEMA archive;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
CREATE TABLE customer (
    id bigserial PRIMARY KEY, email varchar(254) NOT NULL UNIQUE, mood mood, tags varchar(20)[], "Odd name" char(3),
    CONSTRAINT "odd ""check" CHECK ("Odd name" <> 'x')
);
CREATE TABLE archive."order" (
    id bigint PRIMARY KEY, customer_id bigint REFERENCES customer DEFERRABLE INITIALLY DEFERRED,
    total numeric(10, 2) NOT NULL, price cents, at timestamp(3) with time zone, during interval day to second,
    note text COLLATE "C", room int, weight numeric(8), flag char, name character varying, ratio float(3), code bit(3),
    bits bit varying, one "char", sums numeric(5, 1)[], grid int[3][3], at_zone timetz(2), months interval year to month, span int4range, UNIQUE (customer_id, at), EXCLUDE USING gist (span WITH &&)
);
CREATE INDEX order_lower ON archive."order" (lower(note) text_pattern_ops DESC NULLS LAST) WHERE total > 0;
CREATE INDEX order_brin ON archive."order" USING brin (id);
ALTER TABLE archive."order" ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
ALTER TABLE archive."order" ADD CONSTRAINT room_fk FOREIGN KEY (room) REFERENCES archive."order" ON DELETE SET NULL NOT VALID;
ALTER TABLE archive."order" ADD CONSTRAINT renamed CHECK (room > 0);
ALTER TABLE archive."order" RENAME CONSTRAINT renamed TO room_positive;
ALTER TABLE archive."order" ALTER COLUMN price SET NOT NULL;
CREATE TABLE parent (id bigint NOT NULL, kind text, CONSTRAINT kind_known CHECK (kind <> ''));
CREATE TABLE child (extra text NOT NULL) INHERITS (parent);
CREATE TABLE event (id bigint NOT NULL, at date NOT NULL, CONSTRAINT after_birth CHECK (at > '2000-01-01')) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_2025 (id bigint NOT NULL, at date NOT NULL, CONSTRAINT after_birth CHECK (at > '2000-01-01'));
ALTER TABLE event ATTACH PARTITION event_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX event_2024_id ON event_2024 (id);
CREATE VIEW happy AS SELECT id FROM customer WHERE mood = 'happy';
"""

SINCE_11 = """
ALTER TABLE event ADD PRIMARY KEY (id, at);
CREATE INDEX event_at ON event (at);
CREATE INDEX customer_covering ON customer (email) INCLUDE (mood);
"""
SINCE_12 = """
ALTER TABLE event ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED;
ALTER TABLE event ADD COLUMN customer_id bigint REFERENCES customer;
"""
SINCE_18 = """
ALTER TABLE customer ADD CONSTRAINT mood_set NOT NULL mood NOT VALID;
"""

SERVERS = pytest.mark.parametrize("postgres", [one for one in (10, 14, 18) if one in MAJORS], indirect=True)


def sql(major: int) -> str:
    parts = ((10, SCHEMA), (11, SINCE_11), (12, SINCE_12), (18, SINCE_18))
    return "".join(part for since, part in parts if major >= since)


def on_server(postgres: Server, database: str, known: Catalog, *more: str) -> Catalog:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as session:
        for statement in more:
            session.execute(statement)
        with session.cursor() as cursor:
            return as_on_server(known, schema_of(cursor))


@SERVERS
def test_what_the_migrations_have_left_stays_as_it_is(postgres: Server, database: str) -> None:
    written = sql(postgres.version)
    known, unknown = schema(written)
    assert not unknown
    with psycopg.connect(postgres.dsn(database), autocommit=True) as session:
        session.execute(written)
    assert differences(known, on_server(postgres, database, known)) == ()


@SERVERS
def test_of_nothing_known_all_tables_are_made(postgres: Server, database: str) -> None:
    """Keys, indexes and checks of what people have made by hand: all that a lock goes to."""
    written = sql(postgres.version)
    found = on_server(postgres, database, Catalog(), *written.split(";\n"))
    known, _ = schema(written)
    assert found.tables.keys() == known.tables.keys()
    for name, table in found.tables.items():
        before = known.tables[name]
        assert table.columns.keys() == before.columns.keys()
        assert {one.name for one in table.columns.values() if one.not_null} == {
            one.name for one in before.columns.values() if one.not_null
        }
        names = {one for one, each in before.constraints.items() if each.kind != "not null"}
        assert {one for one, each in table.constraints.items() if each.kind != "not null"} == names
    assert {one.name.name for one in found.index_map.values()} == {one.name.name for one in known.index_map.values()}


@SERVERS
def test_what_somebody_did_by_hand_counts(postgres: Server, database: str) -> None:
    written = sql(postgres.version)
    known, _ = schema(written)
    found = on_server(
        postgres,
        database,
        known,
        *written.split(";\n"),
        "ALTER TABLE customer ADD CONSTRAINT by_hand CHECK (mood IS NOT NULL)",
        "ALTER TABLE customer ADD COLUMN note text NOT NULL DEFAULT ''",
        'ALTER TABLE customer DROP COLUMN "Odd name"',
        "CREATE UNIQUE INDEX by_hand_idx ON customer (note)",
        'ALTER TABLE archive."order" DROP CONSTRAINT positive',
        'ALTER TABLE archive."order" ALTER COLUMN price DROP NOT NULL',
        'ALTER TABLE archive."order" VALIDATE CONSTRAINT room_fk',
        "DROP INDEX event_2024_id",
        "DROP TABLE child",
        "DROP VIEW happy",
        "CREATE VIEW by_hand_view AS SELECT email FROM customer",
        "CREATE MATERIALIZED VIEW summed AS SELECT count(*) AS number FROM customer",
        'ALTER TABLE archive."order" ALTER COLUMN weight TYPE numeric(12, 2), ALTER COLUMN flag TYPE text',
        "CREATE TABLE audit (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'archive.order_lower'::regclass",
    )
    customer, order = found.tables[Name("customer", "public")], found.tables[Name("order", "archive")]
    assert {"by_hand", "customer_email_key"} <= customer.constraints.keys()
    assert ("Odd name" in customer.columns, customer.columns["note"].not_null) == (False, True)
    assert 'odd "check' not in customer.constraints
    assert found.index_map[Name("by_hand_idx", "public")].unique
    assert ("positive" in order.constraints, order.columns["price"].not_null) == (False, False)
    assert order.constraints["room_fk"].valid
    assert [str(order.columns[name].type) for name in ("weight", "flag")] == ["numeric(12,2)", "text"]
    assert not found.index_map[Name("order_lower", "archive")].valid
    assert "event_2024_id" not in found.tables[Name("event_2024", "public")].indexes
    assert Name("child", "public") not in found.tables
    assert {one.name for one in found.views} == {"by_hand_view", "summed"}
    assert [one.name.name for one in found.views_reading(customer.name, "email")] == ["by_hand_view"]
    assert found.tables[Name("audit", "public")].constraints["audit_customer_id_fkey"].references is not None
