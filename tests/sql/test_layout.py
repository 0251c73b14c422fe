import pytest

from migsafe.sql.layout import layout
from migsafe.sql.parse import parse


def test_a_statement_that_fits_stays_as_it_is() -> None:
    sql = 'ALTER TABLE "order" ALTER COLUMN "status" SET NOT NULL'
    assert layout(sql, 60) == sql


def test_long_statements_are_broken_by_their_clauses_and_then_by_width() -> None:
    sql = "UPDATE orders SET status = 'lost', note = 'nobody knows' WHERE shipped_at IS NULL AND placed_at < now()"
    assert layout(sql, 30).splitlines() == [
        "UPDATE orders",
        "SET status = 'lost',",
        "    note = 'nobody knows'",
        "WHERE shipped_at IS NULL",
        "  AND placed_at < now()",
    ]
    assert layout("CREATE INDEX some_idx ON orders (status, placed_at)", 30).splitlines() == [
        "CREATE INDEX some_idx ON",
        "    orders (status, placed_at)",
    ]
    assert layout("ALTER TABLE orders ADD CHECK (status IN ('paid', 'shipped'))", 42).splitlines() == [
        "ALTER TABLE orders ADD CHECK (status IN",
        "    ('paid', 'shipped'))",
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'a literal   that must\n   not change', 1",
        "ALTER TABLE t ADD CONSTRAINT \"a   name\" CHECK (a > 0 AND b IN (1, 2, 3) AND c ~ '^  x')",
        "DO $$ BEGIN\n  IF true THEN\n    ALTER TABLE t ADD COLUMN a int;\n  END IF;\nEND $$",
        "SELECT 1 -- a comment that goes on and on and on\nFROM t WHERE a = 1 AND b = 2",
        "CREATE TABLE t (a int DEFAULT 1, b text NOT NULL, c numeric(10, 2), CHECK (a > 0))",
    ],
)
@pytest.mark.parametrize("width", [10, 40, 200])
def test_it_means_the_same(sql: str, width: int) -> None:
    assert [one.actions for one in parse(layout(sql, width))] == [one.actions for one in parse(sql)]


def test_a_long_name_stays_in_one_piece() -> None:
    assert '"a_name_that_is_longer_than_a_line"' in layout('DROP INDEX "a_name_that_is_longer_than_a_line"', 12)
