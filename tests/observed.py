"""Predicted against observed, statement by statement, on a database that each statement changes for the next."""

from collections.abc import Iterable
from contextlib import suppress

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from migsafe.actions import Parsed
from migsafe.model import Statement
from migsafe.sandbox.observe import Observer
from migsafe.sql.catalog import Catalog
from migsafe.sql.compare import differences, not_refused
from migsafe.sql.effects import analyse
from migsafe.sql.parse import parse
from migsafe.verification import Difference

# All rows are made alike: keys are 1, 2, 3, … everywhere, so foreign keys hold.
_VALUES = """
SELECT quote_ident(a.attname), a.attnotnull,
       CASE
         WHEN t.typcategory = 'N' THEN 'g'
         WHEN t.typcategory = 'B' THEN 'true'
         WHEN b.typname LIKE 'time%%' AND b.typname NOT LIKE 'timestamp%%' THEN 'time ''00:00'' + g * interval ''1 min'''
         WHEN t.typcategory = 'D' THEN format('timestamp ''2026-01-01'' + g * interval ''1 day'' * %%s', a.attnum)
         WHEN t.typcategory = 'S' AND a.atttypmod > 4 THEN format('left(g::text, %%s)', a.atttypmod - 4)
         WHEN t.typcategory = 'S' THEN 'g::text'
         WHEN t.typcategory = 'E' THEN format('(enum_range(NULL::%%s))[1]', a.atttypid::regtype)
         WHEN t.typcategory = 'A' THEN '''{}'''
         WHEN t.typcategory = 'R' THEN '''empty'''
         WHEN t.typcategory = 'T' THEN 'g * interval ''1 day'''
         WHEN b.typname = 'uuid' THEN 'md5(g::text)::uuid'
         WHEN b.typname IN ('json', 'jsonb') THEN '''{}'''
         WHEN b.typname IN ('inet', 'cidr') THEN 'inet ''10.0.0.0'' + g'
         WHEN b.typname = 'bytea' THEN 'convert_to(g::text, ''UTF8'')'
         WHEN b.typname = 'tsvector' THEN 'to_tsvector(g::text)'
         ELSE 'NULL'
       END
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
  AND coalesce(to_jsonb(a) ->> 'attgenerated', '') = ''
ORDER BY a.attnum
"""


def said(difference: Difference) -> str:
    return f"{difference.relation}: predicted {difference.predicted}, observed {difference.observed}"


class Compared(msgspec.Struct, frozen=True):
    """One statement.

    Attributes:
        unknown: Why there was no prediction.
        refused: The server's message, when it refused what was not predicted to fail. Some of that is for nobody to
            predict, such as a duplicate key.
    """

    differences: tuple[Difference, ...] = ()
    unknown: str | None = None
    refused: str | None = None
    transaction: bool = True


class Database:
    """A database, and the schema that migsafe folds from the same statements.

    Attributes:
        connection: Executes them; nobody else uses the database.
        compared: How many statements were.
        with_rows: How many of them met rows in all tables of which a scan is predicted.
        differences: What was not as predicted, with its statement.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.connection = observer.connection
        self.postgres = self.connection.info.server_version // 10000
        self.catalog = Catalog()
        self.compared = 0
        self.with_rows = 0
        self.differences: list[str] = []

    def run(self, sql: str) -> None:
        """Predict and observe each statement of a text, and execute it, committed."""
        for parsed in parse(sql):
            compared = self.compare(parsed)
            lines = [said(each) for each in compared.differences]
            if compared.unknown:
                lines.append(f"not analysed: {compared.unknown}")
            if compared.refused:
                lines.append(f"not predicted to fail, observed: {compared.refused}")
            if lines:
                self.differences.append("\n  ".join([parsed.sql, *lines]))

    def compare(self, parsed: Parsed) -> Compared:
        self.compared += 1
        transaction = True
        before = self.catalog
        predicted = self._predicted(parsed, transaction=True)
        effects = predicted.effects or self._predicted(parsed, transaction=False).effects
        indexes = {self.catalog.display(name) for name in self.catalog.index_map}
        tables = [effect.relation for effect in effects if effect.relation not in indexes]
        for rows in (20, 1, 0):
            filled = {table for table in tables if _fill(self.connection, table, rows)}
            observed = self._observer.observe(parsed.sql)
            if observed.error is None or predicted.fails:
                break
            # Rows that are all made alike may be what the server refuses.
            _empty(self.connection, tables)
        if predicted.fails and observed.error:
            predicted = self._predicted(parsed, transaction=False)
            if predicted.fails is None:
                transaction = False
                observed = self._observer.observe(parsed.sql, transaction=False)
        elif observed.error is None:
            try:
                with self.connection.transaction():
                    self.connection.execute(parsed.sql.encode())
            except psycopg.Error as error:  # at the end of the transaction: a deferred constraint
                return Compared(refused=str(error))
        if observed.error is None:
            self._fold(parsed)
        if predicted.reason:
            return Compared(unknown=predicted.reason)
        if observed.error:
            return Compared(refused=None if predicted.fails else observed.error)
        if predicted.fails:
            return Compared((not_refused(predicted.fails),))

        scanned = {effect.relation for effect in predicted.effects if effect.scans}
        self.with_rows += scanned <= filled
        # A join of an empty table need not read the other.
        unread = () if filled.issuperset(tables) else scanned
        found = differences(
            parsed, predicted.effects, observed.effects, before=before, after=self.catalog, unread=unread
        )
        return Compared(tuple(found), transaction=transaction)

    def execute(self, parsed: Parsed) -> None:
        """Execute a statement, unwatched; one that the server refuses changes nothing."""
        with suppress(psycopg.Error):
            self.connection.execute(parsed.sql.encode())
            self._fold(parsed)

    def _fold(self, parsed: Parsed) -> None:
        for action in parsed.actions:
            self.catalog = self.catalog.after(action)

    def _predicted(self, parsed: Parsed, *, transaction: bool) -> Statement:
        return analyse(parsed, self.catalog, self.postgres, transaction=transaction, utc=True).statement


def _fill(connection: psycopg.Connection, table: str, rows: int) -> bool:
    """Put rows into a table that has none, if it takes them; return whether it has some."""
    name = _identifier(table)
    try:
        # Rows of a partitioned table are those of its partitions.
        kind = connection.execute("SELECT relkind FROM pg_class WHERE oid = %s::regclass", [name.as_string(connection)])
        only = SQL("") if kind.fetchone() == ("p",) else SQL("ONLY")
        if connection.execute(SQL("SELECT FROM {} {} LIMIT 1").format(only, name)).fetchone() is not None:
            return True
        values = connection.execute(_VALUES, [name.as_string(connection)]).fetchall()
    except psycopg.Error:
        return False  # a foreign table, or one that does not exist
    for required, count in ((False, rows), (False, min(rows, 1)), (True, rows), (True, min(rows, 1))):
        chosen = {column: value for column, not_null, value in values if not_null or not required}
        insert = (
            f"INSERT INTO {name.as_string(connection)} ({', '.join(chosen)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(chosen.values())} FROM generate_series(1, {count}) g"
        )
        with suppress(psycopg.Error), connection.transaction():
            # Tables come in any order: without their triggers, foreign keys do not mind.
            connection.execute("SET LOCAL session_replication_role = replica")
            if connection.execute(insert.encode()).rowcount:
                connection.execute(SQL("ANALYZE {}").format(name))  # else the planner takes it to be large
                return True
    return False


def _empty(connection: psycopg.Connection, tables: Iterable[str]) -> None:
    for table in tables:
        with suppress(psycopg.Error), connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(SQL("DELETE FROM {}").format(_identifier(table)))


def _identifier(relation: str) -> Identifier:
    return Identifier(*relation.split("."))
