import subprocess
import sys
from dataclasses import replace

import psycopg
import psycopg.conninfo
import pytest

from migsafe.sandbox.server import MAJORS, Server
from tests.conftest import each_major


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


@each_major
def test_makes_roles_that_may_be_given_things(postgres: Server, database: str) -> None:
    name = 'the "app"'
    assert postgres.create_role(name)
    assert postgres.create_role(name)
    with psycopg.connect(postgres.dsn(database)) as connection:
        connection.execute('CREATE TABLE t (a int); ALTER TABLE t OWNER TO "the ""app"""; DROP TABLE t')
        row = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        assert row == (False,)
        connection.execute('DROP ROLE "the ""app"""')


def test_says_which_roles_it_cannot_make(postgres: Server) -> None:
    assert not postgres.create_role("pg_app")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE ROLE humble LOGIN CREATEDB")
        assert not replace(postgres, user="humble").create_role("app")
        connection.execute("DROP ROLE humble")


def test_a_connection_string_quotes_what_it_has_to() -> None:
    server = Server(16, "/tmp/a b", password="it's \\", options={"sslmode": "disable"})
    assert psycopg.conninfo.conninfo_to_dict(server.dsn("d'b")) == {
        "host": "/tmp/a b",
        "port": "5432",
        "user": "postgres",
        "password": "it's \\",
        "dbname": "d'b",
        "sslmode": "disable",
    }


def test_without_psycopg_verify_says_what_to_install() -> None:
    """A project on psycopg2 can be linted, and has none."""
    code = "import sys; sys.modules['psycopg'] = None; import migsafe.verify"
    tried = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False)
    assert tried.stderr.splitlines()[-1].startswith("migsafe.errors.SandboxError: A throwaway PostgreSQL needs psycopg")
