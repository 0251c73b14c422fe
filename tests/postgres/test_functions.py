"""Volatility of functions, asked of a real server's pg_proc."""

import psycopg
import pytest

from migsafe.actions import Name
from migsafe.postgres.functions import is_built_in, volatility
from migsafe.sandbox.server import Server
from tests.conftest import each_major

# Functions that SQL can call, those of an index or a type aside.
CALLABLE = """
SELECT proname, min(CASE provolatile WHEN 'v' THEN 0 WHEN 's' THEN 1 ELSE 2 END) FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT EXISTS (
  SELECT FROM unnest(proargtypes || prorettype) AS used JOIN pg_type ON pg_type.oid = used
  WHERE typname IN ('internal', 'cstring') OR typname LIKE '%_handler')
GROUP BY 1
"""


@each_major
def test_every_function_is_known_and_none_taken_for_less_volatile_than_it_is(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        rows = connection.execute(CALLABLE).fetchall()
    assert {name for name, _ in rows if not is_built_in(Name(name))} == set()
    order = {"volatile": 0, "stable": 1, "immutable": 2}
    known = [(name, volatility(Name(name)), least) for name, least in rows]
    assert {name for name, said, least in known if said is not None and order[said] > least} <= {"timezone"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (Name("now"), "stable"),
        (Name("now", "pg_catalog"), "stable"),
        (Name("lower"), "immutable"),
        (Name("random"), "volatile"),
        (Name("nextval"), "volatile"),
        (Name("gen_random_uuid"), "volatile"),
        (Name("uuid_generate_v4"), None),
        (Name("now", "mine"), None),
    ],
)
def test_volatility(name: Name, expected: str | None) -> None:
    assert volatility(name) == expected
