import psycopg
import pytest

from migsafe.sandbox.server import MAJORS, Server


@pytest.mark.parametrize("postgres", [10, 16, 18], indirect=True)
def test_is_of_the_wanted_version(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        assert connection.info.server_version // 10000 == postgres.version
        assert postgres.version in MAJORS


def test_makes_and_drops_databases(postgres: Server) -> None:
    first = postgres.create_database()
    with psycopg.connect(postgres.dsn(first)) as connection:
        connection.execute("CREATE TABLE parcel (id int)")
    copy = postgres.create_database(template=first)
    with psycopg.connect(postgres.dsn(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM parcel").fetchone() == (0,)
    for name in (first, copy):
        postgres.drop_database(name)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(postgres.dsn(name))


def test_drops_a_database_that_is_in_use(postgres: Server) -> None:
    name = postgres.create_database()
    with psycopg.connect(postgres.dsn(name)) as connection:
        postgres.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_the_database_fixture_is_empty(postgres: Server, database: str) -> None:
    with psycopg.connect(postgres.dsn(database)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
