"""How two schemas differ: by names, but for those that are kept on purpose."""

import pytest

from migsafe.sql.catalog import Catalog
from migsafe.sql.differences import differences
from migsafe.sql.parse import parse


def schema(*statements: str) -> Catalog:
    catalog = Catalog()
    for parsed in parse(";".join(statements)):
        for action in parsed.actions:
            catalog = catalog.after(action)
    return catalog


CUSTOMER = "CREATE TABLE customer (id bigint PRIMARY KEY, phone text)"


def test_order_in_which_things_were_made_does_not_count() -> None:
    one = schema(
        CUSTOMER, "CREATE INDEX a ON customer (phone)", "CREATE UNIQUE INDEX b ON customer (id)", "CREATE TABLE x ()"
    )
    other = schema(
        "CREATE TABLE x ()", CUSTOMER, "CREATE UNIQUE INDEX b ON customer (id)", "CREATE INDEX a ON customer (phone)"
    )
    assert differences(one, other) == ()


def test_names_of_all_that_was_built_in_other_steps_are_the_same() -> None:
    one = schema(
        CUSTOMER,
        "CREATE UNIQUE INDEX u ON customer (phone)",
        "ALTER TABLE customer ADD CONSTRAINT u UNIQUE USING INDEX u",
    )
    other = schema(CUSTOMER, "ALTER TABLE customer ADD CONSTRAINT u UNIQUE (phone)")
    assert differences(one, other) == ()


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ("CREATE INDEX a ON customer (phone)", "index a"),
        ("CREATE UNIQUE INDEX a ON customer (phone)", "index a"),
        ("ALTER TABLE customer ADD CONSTRAINT c CHECK (phone <> '') NOT VALID", "constraint c on customer"),
        ("ALTER TABLE customer ALTER phone SET NOT NULL", "column customer.phone"),
        ("ALTER TABLE customer ALTER phone SET DEFAULT ''", "column customer.phone"),
        ("ALTER TABLE customer ALTER phone TYPE varchar(9)", "column customer.phone"),
        ("ALTER TABLE customer RENAME phone TO mobile", "column customer.mobile"),
        ("ALTER TABLE customer RENAME TO client", "table client"),
        ("CREATE SEQUENCE s", "sequence s"),
        ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "function f"),
        ("CREATE TRIGGER t BEFORE INSERT ON customer EXECUTE FUNCTION f()", "trigger t on customer"),
        ("CREATE TYPE mood AS ENUM ('ok')", "type mood"),
    ],
)
def test_what_differs_is_named(change: str, about: str) -> None:
    one, other = schema(CUSTOMER), schema(CUSTOMER, change)
    assert any(line.startswith((f"{about}: nothing instead of", f"{about}: [")) for line in differences(one, other))
    assert differences(one, other) != ()
    assert differences(other, one) != ()
    assert differences(other, other) == ()


def test_what_keeps_its_name_is_not_another() -> None:
    line = "CREATE TABLE line (id bigint, customer_id bigint CONSTRAINT line_customer_fk REFERENCES customer (id))"
    one = schema(CUSTOMER, line, "CREATE INDEX by_phone ON customer (phone) WHERE phone <> ''")
    other = schema(
        CUSTOMER.replace("phone", "mobile"),
        line.replace("customer_id", "client_id").replace("line_customer_fk", "line_client_fk"),
        "CREATE INDEX by_phone ON customer (mobile) WHERE mobile <> ''",
    )
    kept = {
        "customer.phone": "customer.mobile",
        "line.customer_id": "line.client_id",
        "line.line_customer_fk": "line.line_client_fk",
    }
    assert differences(one, other, kept) == ()
    assert differences(one, other) != ()
    (missing,) = differences(schema(CUSTOMER, line), other, kept)
    assert missing.startswith("index by_phone: nothing instead of")


def test_text_in_an_expression_is_no_column() -> None:
    kept, made = (schema(f"CREATE TABLE t ({name} text CHECK ({name} <> 'a'))") for name in ("a", "b"))
    assert differences(kept, made, {"t.a": "t.b", "t.t_a_check": "t.t_b_check"}) == ()
