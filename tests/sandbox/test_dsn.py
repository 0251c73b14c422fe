"""The scratch server of a user: what is made on it goes, what else is there stays, and what may be real is refused."""

import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psycopg
import pytest

from migsafe import sandbox
from migsafe.config import Sandbox
from migsafe.errors import SandboxError
from migsafe.sandbox import open_sandbox
from migsafe.sandbox.server import Server
from tests.conftest import ONE, each_major

OWNER = """
import sys, time
from migsafe import sandbox
from migsafe.config import Sandbox
from migsafe.sandbox import open_sandbox
with open_sandbox(Sandbox("dsn", dsn=sys.argv[1])) as server:
    server.create_role(server.prefix + "_role")
    print(server.create_database(), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def scratch(postgres: Server) -> Iterator[str]:
    """A connection string for a role that may do no more than it has to."""
    role = f"scratch_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE".encode())
        yield postgres.dsn().replace("user=postgres", f"user={role}")
        connection.execute(f"DROP ROLE {role}".encode())


def databases(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def roles(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}


@each_major
def test_what_is_made_is_dropped_and_nothing_else(scratch: str, postgres: Server) -> None:
    theirs = postgres.create_database()
    with open_sandbox(Sandbox("dsn", dsn=scratch), postgres.version) as server:
        assert (server.provider, server.version) == ("dsn", postgres.version)
        assert server.release == postgres.release
        first = server.create_database()
        second = server.create_database(template=first)
        role = f"{server.prefix}_role"
        for _ in range(2):
            server.create_role(role)
        with psycopg.connect(server.dsn(second)) as connection:
            connection.execute("CREATE TABLE t (a int)")
            connection.execute(f"GRANT SELECT ON t TO {role}".encode())
            connection.execute(f"SET ROLE {role}".encode())
        with open_sandbox(Sandbox("dsn", dsn=scratch)):
            pass  # another run leaves alone what has a living owner
        assert {first, second, theirs} <= databases(scratch)
        assert role in roles(scratch)
    assert databases(scratch).isdisjoint({first, second})
    assert theirs in databases(scratch)
    assert role not in roles(scratch)
    postgres.drop_database(theirs)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_made_is_dropped_when_the_run_is_ended(number: signal.Signals, scratch: str) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, scratch], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        name = owner.stdout.readline().strip()
        assert name in databases(scratch)
        owner.send_signal(number)
        owner.communicate(timeout=10)
    assert name not in databases(scratch)
    assert f"{name[:16]}_role" not in roles(scratch)


def test_what_a_killed_run_has_left_is_dropped_by_the_next(scratch: str) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, scratch], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        name = owner.stdout.readline().strip()
        owner.kill()
    assert name in databases(scratch)
    # The server notices in its own time that the session has gone.
    for _ in range(100):
        with open_sandbox(Sandbox("dsn", dsn=scratch)):
            left = databases(scratch)
        if name not in left:
            break
    assert name not in left
    assert f"{name[:16]}_role" not in roles(scratch)


def test_a_server_that_holds_a_database_of_the_project_is_refused(
    scratch: str, postgres: Server, database: str
) -> None:
    with (
        pytest.raises(SandboxError, match=f"holds the database {database}, which the project's settings name"),
        open_sandbox(Sandbox("dsn", dsn=scratch), forbidden={"shop", database}),
    ):
        pass
    with open_sandbox(Sandbox("dsn", dsn=scratch), forbidden={"shop"}) as server:
        assert server.database == "postgres"


def test_a_server_of_another_version_is_refused(scratch: str) -> None:
    with (
        pytest.raises(SandboxError, match=rf"The scratch server is PostgreSQL {ONE}\.\d+, not 17"),
        open_sandbox(Sandbox("dsn", dsn=scratch), 17),
    ):
        pass


def test_a_role_has_to_be_able_to_create_databases(scratch: str, postgres: Server) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        role = re.findall(r"scratch_\w+", scratch)[0]
        connection.execute(f"ALTER ROLE {role} NOCREATEDB".encode())
    with (
        pytest.raises(SandboxError, match=f"The role {role} may not create databases") as refused,
        open_sandbox(Sandbox("dsn", dsn=scratch)),
    ):
        pass
    assert refused.value.hint == f'ALTER ROLE "{role}" CREATEDB, or name another role.'


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        (None, "No scratch server is named"),
        ("host=/nowhere", "The scratch server cannot be reached: "),
        ("nonsense", 'The scratch server cannot be reached: missing "="'),
    ],
)
def test_a_server_has_to_be_named_and_there(dsn: str | None, message: str) -> None:
    with pytest.raises(SandboxError) as refused, open_sandbox(Sandbox("dsn", dsn=dsn)):
        pass
    assert refused.value.message.startswith(message)


def test_a_url_with_a_password_does(postgres: Server) -> None:
    host = postgres.host.replace("/", "%2F")
    dsn = f"postgresql://postgres:s%27%5C%20@{host}/template1?application_name=x"
    with open_sandbox(Sandbox("dsn", dsn=dsn)) as server:
        assert (server.user, server.password, server.database) == ("postgres", "s'\\ ", "template1")
        with psycopg.connect(server.dsn("postgres")) as connection:
            assert connection.info.password == "s'\\ "


def test_it_is_only_used_when_it_is_chosen(monkeypatch: pytest.MonkeyPatch, scratch: str) -> None:
    monkeypatch.setattr(sandbox, "AUTO", sandbox.AUTO[1:])
    with open_sandbox(Sandbox(dsn=scratch), ONE) as server:
        assert server.provider != "dsn"


def test_a_session_that_is_broken_off_keeps_nothing_from_being_dropped(scratch: str, postgres: Server) -> None:
    with open_sandbox(Sandbox("dsn", dsn=scratch)) as server:
        name = server.create_database()
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [server.prefix]
            )
    assert name not in databases(scratch)
