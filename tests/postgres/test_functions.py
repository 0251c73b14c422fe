"""Volatility of functions, asked of a real server's pg_proc."""

import psycopg
import pytest

from migsafe.actions import Name
from migsafe.postgres.functions import _BUILT_IN, volatility
from migsafe.sandbox.server import Server
from tests.conftest import each_major


@each_major
def test_no_function_is_taken_for_less_volatile_than_it_is(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        rows = connection.execute(
            "SELECT proname, min(CASE provolatile WHEN 'v' THEN 0 WHEN 's' THEN 1 ELSE 2 END) FROM pg_proc"
            " WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY 1"
        ).fetchall()
    order = {"volatile": 0, "stable": 1, "immutable": 2}
    wrong = {name for name, least in rows if name in _BUILT_IN and order[_BUILT_IN[name]] > least}
    assert wrong - {"timezone"} == set()
    assert len(wrong) < 2


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
