"""Every row of the lock table, asked of real servers: text → actions → schema → effects must equal what is observed."""

import psycopg
import pytest

from migsafe.model import LockMode
from migsafe.postgres.facts import FACTS, NEWEST, Fact, Probe, first_version
from migsafe.sandbox.observe import Observer
from migsafe.sandbox.server import Server
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import analyse
from migsafe.sql.parse import parse
from tests.conftest import MAJORS


def cases(*, existing: bool) -> list[object]:
    return [
        pytest.param(row, probe, major, id=f"{major}: {row.form}{f' {number}' if number > 1 else ''}")
        for row in FACTS
        for number, probe in enumerate(row.probes, 1)
        for major in MAJORS
        if (row.since <= major <= row.until if existing else major < first_version(row.form))
    ]


def set_up(connection: psycopg.Connection, probe: Probe) -> Catalog:
    catalog = Catalog()
    for parsed in parse(probe.setup):
        connection.execute(parsed.sql.encode())
        for action in parsed.actions:
            catalog = catalog.after(action)
    return catalog


def indexes(catalog: Catalog) -> set[str]:
    return {catalog.display(name) for name in catalog.index_map}


@pytest.mark.parametrize(("row", "probe", "postgres"), cases(existing=True), indirect=["postgres"])
def test_a_row_says_what_the_server_does(row: Fact, probe: Probe, postgres: Server, observer: Observer) -> None:
    catalog = set_up(observer.connection, probe)
    (parsed,) = parse(probe.statement)

    analysis = analyse(parsed, catalog, postgres.version, transaction=row.transaction)
    observed = observer.observe(probe.statement, transaction=row.transaction)

    assert any(row.form in step.forms for step in analysis.steps)
    assert (analysis.statement.fails is None) == (observed.error is None), observed.error
    missing = set(observed.effects) - set(analysis.statement.effects)
    assert set(analysis.statement.effects) <= set(observed.effects)
    # Which indexes a look-up in the system catalogs opens differs between minor releases, and blocks nobody.
    assert all(effect.lock is LockMode.ACCESS_SHARE and effect.relation in indexes(catalog) for effect in missing)


@pytest.mark.parametrize(("row", "probe", "postgres"), cases(existing=False), indirect=["postgres"])
def test_an_older_server_refuses_newer_syntax(row: Fact, probe: Probe, postgres: Server, observer: Observer) -> None:
    try:
        catalog = set_up(observer.connection, probe)
    except psycopg.Error:
        return
    (parsed,) = parse(probe.statement)

    analysis = analyse(parsed, catalog, postgres.version, transaction=row.transaction)
    observed = observer.observe(probe.statement, transaction=row.transaction)

    assert observed.error is not None
    assert analysis.statement.fails is not None


@pytest.mark.parametrize("form", sorted({row.form for row in FACTS}))
def test_the_rows_of_a_form_follow_each_other_up_to_the_newest_version(form: str) -> None:
    rows = sorted((row for row in FACTS if row.form == form), key=lambda row: row.since)
    covered = [version for row in rows for version in range(row.since, row.until + 1)]
    assert covered == list(range(rows[0].since, NEWEST + 1))
