"""Batches, on a real server."""

from types import SimpleNamespace
from typing import Any

import psycopg

from migsafe.actions import Name
from migsafe.sandbox.server import Server
from migsafe.written.batches import IMPORTS, LOGGER, filled

ROWS = 20_000


class Explaining(psycopg.ClientCursor[tuple[Any, ...]]):
    """Keeps the plans of the queries that ask for keys."""

    plans: list[str]

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if query.lstrip().startswith("SELECT"):
            super().execute(f"EXPLAIN {query}", params)
            self.plans.append("\n".join(line for (line,) in self.fetchall()))
        return super().execute(query, params, **options)


def test_random_keys_are_found_by_the_index_before_statistics_know_the_column(postgres: Server, database: str) -> None:
    plans: list[str] = []
    code = filled(Name("item"), "id", "new", "old", '"new" IS NULL AND "old" IS NOT NULL').function("fill")
    names: dict[str, Any] = {}
    exec("\n".join((*IMPORTS, LOGGER, code)), names)
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.execute(
            f"CREATE TABLE item AS SELECT md5(number::text)::uuid AS id, nullif(number % 7, 0) AS old"
            f" FROM generate_series(1, {ROWS}) number; ALTER TABLE item ADD PRIMARY KEY (id); ANALYZE item;"
            "ALTER TABLE item ADD COLUMN new bigint".encode()
        )
        Explaining.plans = plans
        names["fill"](None, SimpleNamespace(connection=SimpleNamespace(cursor=lambda: Explaining(connection))))
        wrong = connection.execute("SELECT count(*) FROM item WHERE new IS DISTINCT FROM old").fetchone()
    assert wrong == (0,)
    assert len(plans) == ROWS / 1000 + 1
    assert not [plan for plan in plans[1:] if "Index Cond: (id > " not in plan]
