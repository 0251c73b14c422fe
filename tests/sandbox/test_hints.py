"""What servers say of what they lack, and what is said to that."""

from dataclasses import replace

import psycopg
import pytest

from migsafe.model import Severity
from migsafe.sandbox.hints import hint_for
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.conftest import each_major

LACKING = {
    "CREATE EXTENSION postgis_topology": "the extension postgis_topology",
    "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '$libdir/vector', 'x'": "the library ",
    'CREATE TABLE t (a text COLLATE "tlh_KX")': "the locale tlh_KX",
    "CREATE COLLATION klingon (locale = 'tlh_KX.utf8')": "the locale tlh_KX.utf8",
    "CREATE DATABASE d LC_COLLATE 'tlh_KX.utf8' TEMPLATE template0": "the locale tlh_KX.utf8",
    "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = ispell, DictFile = klingon, AffFile = klingon)": "the file klingon.dict",
}


@each_major
def test_what_a_server_lacks_is_named_with_the_provider_that_has_it(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for statement, lacks in LACKING.items():
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(statement.encode())
            hint = hint_for(str(refused.value), "wheel")
            assert hint is not None, refused.value
            assert hint.startswith(f"The provider wheel does not have {lacks}"), refused.value
            assert "--sandbox docker --image" in hint


@pytest.mark.parametrize(
    "error",  # of 14.23 and 16.15 as PyPI has them
    ["ICU is not supported in this build", 'collation "de-x-icu" for encoding "UTF8" does not exist'],
)
def test_missing_icu_is_named(error: str) -> None:
    assert hint_for(error, "docker") == "The image does not have ICU. Take the official image."
    assert hint_for(error, "wheel") == (
        "The provider wheel does not have ICU. Docker has, with the official image: --sandbox docker;"
        " or a scratch server of yours: --sandbox dsn."
    )


def test_a_report_has_the_hint(postgres: Server) -> None:
    server = replace(postgres, provider="wheel")
    report = Scenario().verify('migrations.RunSQL("CREATE EXTENSION postgis", "")', server=server)
    (verification,) = report.verifications
    hint = hint_for('extension "postgis" is not available', "wheel")
    assert hint is not None
    assert verification.why.endswith(hint)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.fix) == ("MS806", Severity.WARNING, hint)


def test_each_provider_is_told_what_it_can_do() -> None:
    error = 'extension "postgis" is not available'
    assert hint_for(error, "docker") == (
        "The image does not have the extension postgis. Take an image that has it: --image postgis/postgis:TAG."
    )
    assert hint_for(error, "dsn") == (
        "The scratch server does not have the extension postgis. Install it there, or take an image that has it:"
        " --sandbox docker --image postgis/postgis:TAG."
    )


def test_a_role_that_a_scratch_server_lacks_is_named(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn()) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute("CREATE TABLE t (a int); ALTER TABLE t OWNER TO nobody_at_all")
    assert hint_for(str(refused.value), "dsn") == (
        "The scratch server does not have the role nobody_at_all. Create it there, or give migsafe's own CREATEROLE."
    )
    assert hint_for(str(refused.value), "local") is None


def test_other_errors_are_left_alone(postgres: Server) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for statement in (b"SELECT nothing", b"CREATE TABLE t (a nothing)", b"SELECT 'a' COLLATE nothing"):
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(statement)
            assert (hint_for(str(refused.value), "local") is None) is (b"COLLATE" not in statement)
