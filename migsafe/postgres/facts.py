"""THE lock table: what each form of a statement costs on each major version of PostgreSQL.

Every other part of migsafe asks here; none states a lock itself. Each row carries the place in PostgreSQL's manual it
rests on and a probe: ``tests/postgres/test_facts.py`` runs the probe on real servers and compares what they do with
what is predicted from the row.

A statement may have several forms at once (``ADD COLUMN … DEFAULT 1 REFERENCES p``): their costs add up. A form without
a row for a version does not exist in that version.
"""

import enum
from collections.abc import Iterable

import msgspec

from migsafe.model import LockMode

AS = LockMode.ACCESS_SHARE
RS = LockMode.ROW_SHARE
RX = LockMode.ROW_EXCLUSIVE
SUX = LockMode.SHARE_UPDATE_EXCLUSIVE
S = LockMode.SHARE
SRX = LockMode.SHARE_ROW_EXCLUSIVE
X = LockMode.EXCLUSIVE
AX = LockMode.ACCESS_EXCLUSIVE

OLDEST, NEWEST = 10, 18
"""The major versions that the table knows."""

QUERIES_LOCK_PARTITIONED_INDEXES = 16
"""First major version in which a query locks a partitioned table's own indexes, not only those of its partitions."""


class Role(enum.StrEnum):
    """What a relation is to a statement that locks it."""

    ALTERED = "altered"
    """The relation that the statement names, and its descendants where PostgreSQL recurses."""
    INDEX = "index"
    """Indexes that the statement is about or that depend on what it changes; not simply all of a table."""
    REFERENCED = "referenced"
    REFERENCING = "referencing"
    PARENT = "parent"
    PARTITION = "partition"
    DEFAULT_PARTITION = "default_partition"
    READ = "read"
    """Relations of a query."""


class Probe(msgspec.Struct, frozen=True):
    """How a row is proven: ``statement`` is watched in a database in which ``setup`` has run."""

    setup: str
    statement: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One row.

    Attributes:
        form: Stable key: the command, and after a colon what makes it cost differently.
        since: First major version for which the row holds.
        until: Last major version for which the row holds.
        locks: Lock per role.
        indexes: Lock on all indexes of the tables in a role.
        rewrites: Roles whose storage is written anew, with all their indexes.
        scans: Roles whose rows are all read while the lock is held.
        transaction: False when the server refuses it in a transaction block.
        fails: Why the server refuses it always, or None.
        source: Page of the PostgreSQL manual (``ALTER TABLE``), and what to look for there.
    """

    form: str
    since: int
    until: int
    locks: tuple[tuple[Role, LockMode], ...]
    indexes: tuple[tuple[Role, LockMode], ...]
    rewrites: tuple[Role, ...]
    scans: tuple[Role, ...]
    transaction: bool
    fails: str | None
    source: str
    probe: Probe


_T = """
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), c int);
INSERT INTO t SELECT g, g, g, g FROM generate_series(1, 50) g;
CREATE INDEX t_a ON t (a);
"""
_P = """
CREATE TABLE p (id int PRIMARY KEY, n int);
INSERT INTO p SELECT g, g FROM generate_series(1, 50) g;
"""
_FK = _T + _P + "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p; ANALYZE;"
_LARGE_FK = _FK.replace(" 50", " 5000")
_EMPTY = "CREATE TABLE t (id int, a int); CREATE INDEX t_a ON t (a);"
_DOMAIN = "CREATE DOMAIN d AS int CHECK (value > 0);"
_USED_DOMAIN = _DOMAIN + "CREATE TABLE t (a d, b int); INSERT INTO t SELECT g FROM generate_series(1, 50) g;"
_ENUM = "CREATE TYPE e AS ENUM ('a', 'b');"
_TRIGGER = (
    _T + "CREATE TRIGGER tg BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE suppress_redundant_updates_trigger();"
)
_VIEWS = _T + (
    "CREATE VIEW v AS SELECT id FROM t;"
    "CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE UNIQUE INDEX m_id ON m (id);"
)
_PARTITIONED = """
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE p (k int NOT NULL, id int NOT NULL);
INSERT INTO t SELECT g, g FROM generate_series(1, 50) g;
INSERT INTO p SELECT g + 200, g FROM generate_series(1, 50) g;
"""
_DEFAULT_PARTITION = _PARTITIONED + "CREATE TABLE td PARTITION OF t DEFAULT; INSERT INTO t VALUES (500, 500);"

_PARTITIONED_FK = (
    _PARTITIONED
    + "CREATE TABLE q (id int PRIMARY KEY); INSERT INTO q SELECT g FROM generate_series(1, 50) g;"
    + "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES q; ANALYZE;"
)
_PARTITIONED_REFERENCED = _PARTITIONED + (
    "ALTER TABLE t ADD UNIQUE (k); CREATE TABLE r (k int REFERENCES t (k)); CREATE TABLE t2 PARTITION OF t"
    " FOR VALUES FROM (100) TO (200); INSERT INTO t VALUES (150, 150); INSERT INTO r VALUES (150); ANALYZE;"
)
_SUBPARTITIONED = """
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES FROM (0) TO (100);
INSERT INTO t SELECT g, g FROM generate_series(1, 50) g;
"""
_INHERITED = """
CREATE TABLE t (id int, a int);
CREATE TABLE c () INHERITS (t);
INSERT INTO t SELECT g, g FROM generate_series(1, 25) g;
INSERT INTO c SELECT g, g FROM generate_series(26, 50) g;
"""

_SLOW = """
CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'begin perform pg_sleep(0.02); return $1; end';
"""
_SLOW_INDEX = (
    _SLOW
    + """
CREATE TABLE t (id int, a int);
INSERT INTO t SELECT g, g FROM generate_series(1, 3) g;
CREATE INDEX t_a ON t (a);
CREATE INDEX t_slow ON t (slow(a));
"""
)
_SLOW_PARTITION = (
    _SLOW
    + """
CREATE TABLE t (a int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100);
INSERT INTO t SELECT g FROM generate_series(1, 3) g;
CREATE INDEX t1_slow ON t1 (slow(a));
"""
)


def _fact(
    form: str,
    source: str,
    setup: str,
    statement: str,
    *,
    since: int = OLDEST,
    until: int = NEWEST,
    indexes: dict[str, LockMode] | None = None,
    rewrites: Iterable[str] = (),
    scans: Iterable[str] = (),
    transaction: bool = True,
    fails: str | None = None,
    **locks: LockMode,
) -> Fact:
    """A row; the remaining keywords are roles."""
    return Fact(
        form=form,
        since=since,
        until=until,
        locks=tuple((Role(role), mode) for role, mode in locks.items()),
        indexes=tuple((Role(role), mode) for role, mode in (indexes or {}).items()),
        rewrites=tuple(map(Role, rewrites)),
        scans=tuple(map(Role, scans)),
        transaction=transaction,
        fails=fails,
        source=source,
        probe=Probe(setup, statement),
    )


_ALTER = ("altered",)

_COLUMNS = (
    _fact("add column", "ALTER TABLE, ADD COLUMN", _T, "ALTER TABLE t ADD COLUMN x int", altered=AX),
    _fact(
        "add column: default",
        "ALTER TABLE, ADD COLUMN",
        _T,
        "ALTER TABLE t ADD COLUMN x int DEFAULT 1",
        until=10,
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "add column: default",
        "Release 11, ALTER TABLE … ADD COLUMN with a non-null default",
        _T,
        "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now() NOT NULL",
        since=11,
        altered=AX,
    ),
    _fact(
        "add column: volatile default",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ADD COLUMN x float DEFAULT random()",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "add column: identity",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ADD COLUMN x int GENERATED BY DEFAULT AS IDENTITY",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "add column: stored generated",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a * 2) STORED",
        since=12,
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "add column: virtual generated",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a * 2) VIRTUAL",
        since=18,
        altered=AX,
    ),
    _fact(
        "add column: constrained domain",
        "ALTER TABLE, Notes",
        _DOMAIN + _T,
        "ALTER TABLE t ADD COLUMN x d",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "add column: not null",
        "ALTER TABLE, ADD COLUMN",
        _EMPTY,
        "ALTER TABLE t ADD COLUMN x int NOT NULL",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add column: check",
        "ALTER TABLE, ADD COLUMN",
        _T,
        "ALTER TABLE t ADD COLUMN x int CHECK (x > 0)",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add column: unique",
        "ALTER TABLE, ADD COLUMN",
        _T,
        "ALTER TABLE t ADD COLUMN x int UNIQUE",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add column: references",
        "ALTER TABLE, ADD COLUMN",
        _T + _P,
        "ALTER TABLE t ADD COLUMN x int REFERENCES p",
        altered=AX,
        referenced=SRX,
    ),
    _fact(
        "add column: references, with a default",
        "ALTER TABLE, ADD COLUMN",
        _T + _P + "ANALYZE;",
        "ALTER TABLE t ADD COLUMN x int DEFAULT 1 REFERENCES p",
        altered=AX,
        referenced=SRX,
        indexes={"altered": AS, "referenced": AS},
        scans=("altered", "referenced"),
    ),
    _fact("drop column", "ALTER TABLE, DROP COLUMN", _T, "ALTER TABLE t DROP COLUMN b", altered=AX),
    _fact(
        "drop column: index",
        "ALTER TABLE, DROP COLUMN",
        _T,
        "ALTER TABLE t DROP COLUMN a",
        altered=AX,
        index=AX,
    ),
    _fact(
        "drop column: foreign key",
        "ALTER TABLE, DROP COLUMN",
        _FK,
        "ALTER TABLE t DROP COLUMN a",
        altered=AX,
        index=AX,
        referenced=AX,
    ),
    _fact(
        "drop column: referenced",
        "ALTER TABLE, DROP COLUMN",
        _FK,
        "ALTER TABLE p DROP COLUMN id CASCADE",
        altered=AX,
        index=AX,
        referencing=AX,
    ),
    _fact("rename column", "ALTER TABLE, RENAME", _T, "ALTER TABLE t RENAME COLUMN a TO x", altered=AX),
    _fact("set default", "ALTER TABLE, SET DEFAULT", _T, "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1", altered=AX),
    _fact("drop default", "ALTER TABLE, SET DEFAULT", _T, "ALTER TABLE t ALTER COLUMN a DROP DEFAULT", altered=AX),
    _fact(
        "set not null",
        "ALTER TABLE, SET NOT NULL",
        _T,
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "set not null: already",
        "ALTER TABLE, SET NOT NULL",
        _T,
        "ALTER TABLE t ALTER COLUMN id SET NOT NULL",
        altered=AX,
    ),
    _fact(
        "set not null: proven by a check",
        "ALTER TABLE, SET NOT NULL",
        _T + "ALTER TABLE t ADD CHECK (a IS NOT NULL);",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        until=11,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "set not null: proven by a check",
        "Release 12, SET NOT NULL avoids unnecessary table scans",
        _T + "ALTER TABLE t ADD CHECK (a IS NOT NULL);",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        since=12,
        altered=AX,
    ),
    _fact("drop not null", "ALTER TABLE, DROP NOT NULL", _T, "ALTER TABLE t ALTER COLUMN a DROP NOT NULL", altered=AX),
    _fact(
        "alter column type",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ALTER COLUMN b TYPE varchar(30)",
        altered=AX,
    ),
    _fact(
        "alter column type: rewrite",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "alter column type: index kept",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ALTER COLUMN a TYPE int",
        altered=AX,
        index=AX,
    ),
    _fact(
        "alter column type: index rebuilt",
        "ALTER TABLE, Notes",
        _T,
        "ALTER TABLE t ALTER COLUMN a TYPE oid",
        altered=AX,
        index=AX,
        rewrites=("index",),
        scans=_ALTER,
    ),
    _fact(
        "alter column type: check",
        "ALTER TABLE, Notes",
        _T + "ALTER TABLE t ADD CHECK (b <> '');",
        "ALTER TABLE t ALTER COLUMN b TYPE text",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "alter column type: foreign key",
        "ALTER TABLE, Notes",
        _FK,
        "ALTER TABLE t ALTER COLUMN a TYPE int",
        altered=AX,
        index=AX,
        referenced=AX,
    ),
    _fact(
        "alter column type: foreign key checked",
        "ALTER TABLE, Notes",
        _FK,
        "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        altered=AX,
        referenced=AX,
        indexes={"referenced": AS},
        rewrites=_ALTER,
        scans=("altered", "referenced"),
    ),
    _fact(
        "alter column type: referenced",
        "ALTER TABLE, Notes",
        _FK,
        "ALTER TABLE p ALTER COLUMN id TYPE int",
        altered=AX,
        index=AX,
        referencing=AX,
    ),
    _fact(
        "alter column type: referenced, checked",
        "ALTER TABLE, Notes",
        _FK,
        "ALTER TABLE p ALTER COLUMN id TYPE bigint",
        altered=AX,
        referencing=AX,
        indexes={"referencing": AS},
        rewrites=_ALTER,
        scans=("altered", "referencing"),
    ),
    _fact(
        "alter identity: add",
        "ALTER TABLE, ADD GENERATED",
        _T,
        "ALTER TABLE t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY",
        altered=AX,
    ),
    _fact(
        "alter identity: set",
        "ALTER TABLE, SET GENERATED",
        _T + "ALTER TABLE t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;",
        "ALTER TABLE t ALTER COLUMN id SET GENERATED ALWAYS",
        altered=AX,
    ),
    _fact(
        "alter identity: drop",
        "ALTER TABLE, DROP IDENTITY",
        _T + "ALTER TABLE t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;",
        "ALTER TABLE t ALTER COLUMN id DROP IDENTITY",
        altered=AX,
    ),
    _fact(
        "set expression",
        "ALTER TABLE, SET EXPRESSION",
        _T + "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a * 2) STORED;",
        "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 3)",
        since=17,
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact(
        "set expression: virtual, not null",
        "ALTER TABLE, SET EXPRESSION",
        _T + "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a * 2) VIRTUAL NOT NULL;",
        "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 3)",
        since=18,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "set expression: virtual",
        "ALTER TABLE, SET EXPRESSION",
        _T + "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a * 2) VIRTUAL;",
        "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 3)",
        since=18,
        altered=AX,
    ),
    _fact(
        "drop expression",
        "ALTER TABLE, DROP EXPRESSION",
        "CREATE TABLE t (a int, x int GENERATED ALWAYS AS (a * 2) STORED);",
        "ALTER TABLE t ALTER COLUMN x DROP EXPRESSION",
        since=13,
        altered=AX,
    ),
)

_CONSTRAINTS = (
    _fact(
        "add check",
        "ALTER TABLE, ADD table_constraint",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add check: not valid",
        "ALTER TABLE, ADD table_constraint NOT VALID",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
        altered=AX,
    ),
    _fact(
        "add check: not enforced",
        "CREATE TABLE, NOT ENFORCED",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT ENFORCED",
        since=18,
        altered=AX,
    ),
    _fact(
        "add foreign key",
        "ALTER TABLE, ADD table_constraint",
        _T + _P + "ANALYZE;",
        "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED",
        altered=SRX,
        referenced=SRX,
        indexes={"altered": AS, "referenced": AS},
        scans=("altered", "referenced"),
    ),
    _fact(
        "add foreign key: not valid",
        "ALTER TABLE, ADD table_constraint NOT VALID",
        _T + _P,
        "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID",
        altered=SRX,
        referenced=SRX,
    ),
    _fact(
        "add foreign key: not enforced",
        "CREATE TABLE, NOT ENFORCED",
        _T + _P,
        "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT ENFORCED",
        since=18,
        altered=SRX,
        referenced=SRX,
    ),
    _fact(
        "add foreign key: not valid, partitioned",
        "ALTER TABLE, ADD table_constraint NOT VALID",
        _PARTITIONED + _P.replace("p ", "q "),
        "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES q NOT VALID",
        until=17,
        fails="cannot add a NOT VALID foreign key to a partitioned table",
    ),
    _fact(
        "add foreign key: not valid, partitioned",
        "Release 18, NOT VALID foreign keys on partitioned tables",
        _PARTITIONED + "CREATE TABLE q (id int PRIMARY KEY);",
        "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES q NOT VALID",
        since=18,
    ),
    _fact(
        "add unique",
        "ALTER TABLE, ADD table_constraint",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add unique: include",
        "Release 11, INCLUDE",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a) INCLUDE (b)",
        since=11,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add unique: nulls not distinct",
        "Release 15, NULLS NOT DISTINCT",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a)",
        since=15,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add unique: without overlaps",
        "Release 18, WITHOUT OVERLAPS",
        "CREATE TABLE t (r int4range); INSERT INTO t SELECT int4range(g, g + 1) FROM generate_series(1, 50) g;"
        "CREATE EXTENSION btree_gist; ALTER TABLE t ADD COLUMN a int;",
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a, r WITHOUT OVERLAPS)",
        since=18,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add unique: using index",
        "ALTER TABLE, ADD table_constraint_using_index",
        _T + "CREATE UNIQUE INDEX u ON t (a);",
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX u",
        until=11,
        altered=AX,
        index=AX,
    ),
    _fact(
        "add unique: using index",
        "Release 12, reduced lock for renaming an index",
        _T + "CREATE UNIQUE INDEX u ON t (a);",
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX u",
        since=12,
        altered=AX,
        index=SUX,
    ),
    _fact(
        "add primary key",
        "ALTER TABLE, ADD table_constraint",
        _EMPTY,
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add exclude",
        "ALTER TABLE, ADD table_constraint",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k EXCLUDE USING btree (a WITH =)",
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add not null",
        "ALTER TABLE, ADD table_constraint",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k NOT NULL a",
        since=18,
        altered=AX,
        scans=_ALTER,
    ),
    _fact(
        "add not null: not valid",
        "ALTER TABLE, ADD table_constraint NOT VALID",
        _T,
        "ALTER TABLE t ADD CONSTRAINT k NOT NULL a NOT VALID",
        since=18,
        altered=AX,
    ),
    _fact(
        "validate check",
        "ALTER TABLE, VALIDATE CONSTRAINT",
        _T + "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;",
        "ALTER TABLE t VALIDATE CONSTRAINT k",
        altered=SUX,
        scans=_ALTER,
    ),
    _fact(
        "validate foreign key",
        "ALTER TABLE, VALIDATE CONSTRAINT",
        _T + _P + "ANALYZE; ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID;",
        "ALTER TABLE t VALIDATE CONSTRAINT k",
        altered=SUX,
        referenced=RS,
        indexes={"altered": AS, "referenced": AS},
        scans=("altered", "referenced"),
    ),
    _fact(
        "validate not null",
        "ALTER TABLE, VALIDATE CONSTRAINT",
        _T + "ALTER TABLE t ADD CONSTRAINT k NOT NULL a NOT VALID;",
        "ALTER TABLE t VALIDATE CONSTRAINT k",
        since=18,
        altered=SUX,
        scans=_ALTER,
    ),
    _fact(
        "validate: already",
        "ALTER TABLE, VALIDATE CONSTRAINT",
        _T + "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);",
        "ALTER TABLE t VALIDATE CONSTRAINT k",
        altered=SUX,
    ),
    _fact(
        "drop constraint",
        "ALTER TABLE, DROP CONSTRAINT",
        _T + "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);",
        "ALTER TABLE t DROP CONSTRAINT k",
        altered=AX,
    ),
    _fact(
        "drop constraint: index",
        "ALTER TABLE, DROP CONSTRAINT",
        _T,
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        altered=AX,
        index=AX,
    ),
    _fact(
        "drop constraint: foreign key",
        "ALTER TABLE, DROP CONSTRAINT",
        _FK,
        "ALTER TABLE t DROP CONSTRAINT fk",
        altered=AX,
        referenced=AX,
    ),
    _fact(
        "drop constraint: referenced",
        "ALTER TABLE, DROP CONSTRAINT",
        _FK,
        "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE",
        altered=AX,
        index=AX,
        referencing=AX,
    ),
    _fact(
        "rename constraint",
        "ALTER TABLE, RENAME",
        _FK,
        "ALTER TABLE t RENAME CONSTRAINT fk TO z",
        altered=AX,
    ),
    _fact(
        "rename constraint: index",
        "ALTER TABLE, RENAME",
        _T,
        "ALTER TABLE t RENAME CONSTRAINT t_pkey TO z",
        until=11,
        altered=AX,
        index=AX,
    ),
    _fact(
        "rename constraint: index",
        "Release 12, reduced lock for renaming an index",
        _T,
        "ALTER TABLE t RENAME CONSTRAINT t_pkey TO z",
        since=12,
        altered=AX,
        index=SUX,
    ),
    _fact(
        "alter constraint",
        "ALTER TABLE, ALTER CONSTRAINT",
        _FK,
        "ALTER TABLE t ALTER CONSTRAINT fk DEFERRABLE INITIALLY DEFERRED",
        altered=AX,
    ),
    _fact(
        "alter constraint: not enforced",
        "ALTER TABLE, ALTER CONSTRAINT",
        _FK,
        "ALTER TABLE t ALTER CONSTRAINT fk NOT ENFORCED",
        since=18,
        altered=AX,
        referenced=AX,
    ),
    _fact(
        "alter constraint: enforced",
        "ALTER TABLE, ALTER CONSTRAINT",
        _FK + "ALTER TABLE t ALTER CONSTRAINT fk NOT ENFORCED;",
        "ALTER TABLE t ALTER CONSTRAINT fk ENFORCED",
        since=18,
        altered=AX,
        referenced=SRX,
        indexes={"altered": AS, "referenced": AS},
        scans=("altered", "referenced"),
    ),
)

_INDEXES = (
    _fact("create index", "CREATE INDEX", _T, "CREATE INDEX i ON t (b)", altered=S, scans=_ALTER),
    _fact(
        "create index: exists", "CREATE INDEX, IF NOT EXISTS", _T, "CREATE INDEX IF NOT EXISTS t_a ON t (a)", altered=S
    ),
    _fact(
        "create index: include",
        "Release 11, INCLUDE",
        _T,
        "CREATE INDEX i ON t (a) INCLUDE (b)",
        since=11,
        altered=S,
        scans=_ALTER,
    ),
    _fact(
        "create index: nulls not distinct",
        "Release 15, NULLS NOT DISTINCT",
        _T,
        "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT",
        since=15,
        altered=S,
        scans=_ALTER,
    ),
    _fact(
        "create index: only",
        "CREATE INDEX, ONLY",
        _PARTITIONED,
        "CREATE INDEX i ON ONLY t (id)",
        since=11,
        altered=S,
    ),
    _fact(
        "create index: concurrently",
        "CREATE INDEX, Building Indexes Concurrently",
        _T,
        "CREATE INDEX CONCURRENTLY i ON t (b)",
        altered=SUX,
        scans=_ALTER,
        transaction=False,
    ),
    _fact(
        "create index: concurrently, exists",
        "CREATE INDEX, IF NOT EXISTS",
        _T,
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)",
        altered=SUX,
        transaction=False,
    ),
    _fact(
        "create index: concurrently, partitioned",
        "CREATE INDEX, Building Indexes Concurrently",
        _PARTITIONED,
        "CREATE INDEX CONCURRENTLY i ON t (id)",
        since=11,
        transaction=False,
        fails="cannot create index on a partitioned table concurrently",
    ),
    _fact(
        "create index: partitioned",
        "Release 11, indexes on partitioned tables",
        _PARTITIONED,
        "CREATE INDEX i ON t (id)",
        since=11,
        altered=S,
        scans=_ALTER,
    ),
    _fact(
        "alter index: set tablespace",
        "ALTER INDEX, SET TABLESPACE",
        _T,
        "ALTER INDEX t_a SET TABLESPACE pg_default",
        index=AX,
    ),
    _fact(
        "reindex: partitioned",
        "REINDEX",
        _SLOW_PARTITION,
        "REINDEX TABLE t",
        until=13,
        parent=S,
    ),
    _fact(
        "reindex: partitioned",
        "Release 14, REINDEX of partitioned tables",
        _SLOW_PARTITION,
        "REINDEX TABLE t",
        since=14,
        parent=S,
        altered=S,
        index=AX,
        rewrites=("index",),
        scans=_ALTER,
        transaction=False,
    ),
    _fact("drop index", "DROP INDEX", _T, "DROP INDEX t_a", altered=AX, index=AX),
    _fact(
        "drop index: concurrently",
        "DROP INDEX, CONCURRENTLY",
        _T,
        "DROP INDEX CONCURRENTLY t_a",
        altered=SUX,
        index=SUX,
        transaction=False,
    ),
    _fact(
        "drop index: concurrently, partitioned",
        "DROP INDEX, CONCURRENTLY",
        _PARTITIONED + "CREATE INDEX i ON t (id);",
        "DROP INDEX CONCURRENTLY i",
        since=11,
        transaction=False,
        fails="cannot drop a partitioned index concurrently",
    ),
    _fact("rename index", "ALTER INDEX, RENAME", _T, "ALTER INDEX t_a RENAME TO z", until=11, index=AX),
    _fact(
        "rename index",
        "Release 12, reduced lock for renaming an index",
        _T,
        "ALTER INDEX t_a RENAME TO z",
        since=12,
        index=SUX,
    ),
    _fact("alter index: set parameters", "ALTER INDEX, SET", _T, "ALTER INDEX t_a SET (fillfactor = 70)", index=SUX),
    _fact(
        "alter index: set statistics",
        "ALTER INDEX, SET STATISTICS",
        _T + "CREATE INDEX x ON t (lower(b));",
        "ALTER INDEX x ALTER COLUMN 1 SET STATISTICS 100",
        since=11,
        index=SUX,
    ),
    _fact("reindex index", "REINDEX", _T, "REINDEX INDEX t_a", altered=S, index=AX, rewrites=("index",), scans=_ALTER),
    _fact("reindex table", "REINDEX", _T, "REINDEX TABLE t", altered=S, index=AX, rewrites=("index",), scans=_ALTER),
    _fact(
        "reindex: concurrently",
        "REINDEX, Rebuilding Indexes Concurrently",
        _T,
        "REINDEX INDEX CONCURRENTLY t_a",
        since=12,
        altered=SUX,
        index=SUX,
        rewrites=("index",),
        scans=_ALTER,
        transaction=False,
    ),
    _fact(
        "reindex: all",
        "REINDEX",
        _SLOW_INDEX,
        "REINDEX SCHEMA public",
        altered=S,
        index=AX,
        rewrites=("index",),
        scans=_ALTER,
        transaction=False,
    ),
)

_TABLES = (
    _fact("create table", "CREATE TABLE", "", "CREATE TABLE n (id int PRIMARY KEY, a int UNIQUE CHECK (a > 0))"),
    _fact("create table: references", "CREATE TABLE", _P, "CREATE TABLE n (p_id int REFERENCES p)", referenced=SRX),
    _fact("create table: like", "CREATE TABLE, LIKE", _T, "CREATE TABLE n (LIKE t INCLUDING ALL)", read=AS),
    _fact("create table: inherits", "CREATE TABLE, INHERITS", _T, "CREATE TABLE n () INHERITS (t)", parent=SUX),
    _fact(
        "create table: as",
        "CREATE TABLE AS",
        _T,
        "CREATE TABLE n AS SELECT * FROM t",
        read=AS,
        indexes={"read": AS},
        scans=("read",),
    ),
    _fact(
        "create table: partition of",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        parent=AX,
        until=11,
    ),
    _fact(
        "create table: partition of",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        parent=AX,
        since=12,
        indexes={"parent": SUX},
    ),
    _fact(
        "create table: partition of, with a default partition",
        "CREATE TABLE, PARTITION OF",
        _DEFAULT_PARTITION,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        since=11,
        until=11,
        parent=AX,
        default_partition=AX,
        scans=("default_partition",),
    ),
    _fact(
        "create table: partition of, with a default partition",
        "CREATE TABLE, PARTITION OF",
        _DEFAULT_PARTITION,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        parent=AX,
        default_partition=AX,
        scans=("default_partition",),
        since=12,
        indexes={"parent": SUX},
    ),
    _fact("drop table", "DROP TABLE", _T, "DROP TABLE t", altered=AX, indexes={"altered": AX}),
    _fact(
        "drop table: foreign key",
        "DROP TABLE",
        _FK,
        "DROP TABLE t",
        altered=AX,
        indexes={"altered": AX},
        referenced=AX,
    ),
    _fact(
        "drop table: referenced",
        "DROP TABLE",
        _FK,
        "DROP TABLE p CASCADE",
        altered=AX,
        indexes={"altered": AX},
        referencing=AX,
    ),
    _fact(
        "drop table: partition",
        "DROP TABLE",
        _PARTITIONED,
        "DROP TABLE t1",
        altered=AX,
        indexes={"altered": AX},
        parent=AX,
        default_partition=AX,
    ),
    _fact("rename table", "ALTER TABLE, RENAME", _T, "ALTER TABLE t RENAME TO z", altered=AX),
    _fact("set schema", "ALTER TABLE, SET SCHEMA", _T + "CREATE SCHEMA s;", "ALTER TABLE t SET SCHEMA s", altered=AX),
    _fact("truncate", "TRUNCATE", _T, "TRUNCATE t", altered=AX, rewrites=_ALTER),
    _fact(
        "attach partition",
        "ALTER TABLE, ATTACH PARTITION",
        _PARTITIONED,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        until=11,
        parent=AX,
        partition=AX,
        scans=("partition",),
    ),
    _fact(
        "attach partition",
        "Release 12, ATTACH PARTITION with reduced locking",
        _PARTITIONED,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=12,
        parent=SUX,
        partition=AX,
        indexes={"parent": SUX},
        scans=("partition",),
    ),
    _fact(
        "attach partition: with a default partition",
        "ALTER TABLE, ATTACH PARTITION",
        _DEFAULT_PARTITION,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=11,
        default_partition=AX,
        scans=("default_partition",),
    ),
    _fact(
        "detach partition",
        "ALTER TABLE, DETACH PARTITION",
        _PARTITIONED,
        "ALTER TABLE t DETACH PARTITION t1",
        until=13,
        parent=AX,
        partition=SUX,
    ),
    _fact(
        "detach partition",
        "Release 14, DETACH PARTITION CONCURRENTLY",
        _PARTITIONED,
        "ALTER TABLE t DETACH PARTITION t1",
        since=14,
        parent=AX,
        partition=AX,
    ),
    _fact(
        "detach partition: concurrently",
        "ALTER TABLE, DETACH PARTITION CONCURRENTLY",
        _PARTITIONED,
        "ALTER TABLE t DETACH PARTITION t1 CONCURRENTLY",
        since=14,
        parent=SUX,
        partition=AX,
        transaction=False,
    ),
    _fact(
        "detach partition: concurrently, with a default partition",
        "ALTER TABLE, DETACH PARTITION CONCURRENTLY",
        _DEFAULT_PARTITION,
        "ALTER TABLE t DETACH PARTITION t1 CONCURRENTLY",
        since=14,
        transaction=False,
        fails="cannot detach partitions concurrently when a default partition exists",
    ),
)

_PARTITIONS = (
    _fact(
        "add unique: partitions",
        "ALTER TABLE, ADD table_constraint",
        _PARTITIONED,
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (k)",
        since=11,
        until=17,
        partition=S,
        scans=("partition",),
    ),
    _fact(
        "add unique: partitions",
        "ALTER TABLE, ADD table_constraint",
        _PARTITIONED,
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (k)",
        since=18,
        partition=AX,
        scans=("partition",),
    ),
    _fact(
        "detach partition: with a default partition",
        "ALTER TABLE, DETACH PARTITION",
        _DEFAULT_PARTITION,
        "ALTER TABLE t DETACH PARTITION t1",
        since=11,
        default_partition=AX,
    ),
    _fact(
        "detach partition: index",
        "ALTER TABLE, DETACH PARTITION",
        _PARTITIONED + "CREATE INDEX i ON t (id);",
        "ALTER TABLE t DETACH PARTITION t1",
        since=11,
        index=AX,
    ),
    _fact(
        "create table: partition of, foreign key",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED_FK,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        since=11,
        until=11,
        referenced=AS,
    ),
    _fact(
        "create table: partition of, foreign key",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED_FK,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        since=12,
        referenced=SRX,
    ),
    _fact(
        "create table: partition of, referenced",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED_REFERENCED,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        since=12,
        until=14,
        referencing=AS,
    ),
    _fact(
        "create table: partition of, referenced",
        "CREATE TABLE, PARTITION OF",
        _PARTITIONED_REFERENCED,
        "CREATE TABLE n PARTITION OF t FOR VALUES FROM (300) TO (400)",
        since=15,
        referencing=SRX,
    ),
    _fact(
        "attach partition: foreign key",
        "ALTER TABLE, ATTACH PARTITION",
        _PARTITIONED_FK,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=11,
        until=11,
        referenced=RS,
        indexes={"referenced": AS},
        scans=("referenced",),
    ),
    _fact(
        "attach partition: foreign key",
        "ALTER TABLE, ATTACH PARTITION",
        _PARTITIONED_FK,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=12,
        referenced=SRX,
        indexes={"referenced": AS},
        scans=("referenced",),
    ),
    _fact(
        "attach partition: referenced",
        "ALTER TABLE, ATTACH PARTITION",
        _PARTITIONED_REFERENCED,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=12,
        until=14,
        referencing=AS,
    ),
    _fact(
        "attach partition: referenced",
        "ALTER TABLE, ATTACH PARTITION",
        _PARTITIONED_REFERENCED,
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (200) TO (300)",
        since=15,
        referencing=SRX,
    ),
    _fact(
        "detach partition: foreign key",
        "ALTER TABLE, DETACH PARTITION",
        _PARTITIONED_FK,
        "ALTER TABLE t DETACH PARTITION t1",
        since=11,
        referenced=SRX,
    ),
    _fact(
        "detach partition: referenced",
        "ALTER TABLE, DETACH PARTITION",
        _PARTITIONED_REFERENCED,
        "ALTER TABLE t DETACH PARTITION t1",
        since=12,
        partition=AX,
        referencing=AX,
        scans=("partition", "referencing"),
    ),
    _fact(
        "detach partition: partitioned",
        "ALTER TABLE, DETACH PARTITION",
        _SUBPARTITIONED,
        "ALTER TABLE t DETACH PARTITION t1",
        partition=AX,
    ),
    _fact(
        "alter index: attach partition",
        "ALTER INDEX, ATTACH PARTITION",
        _PARTITIONED + "CREATE INDEX i ON ONLY t (id); CREATE INDEX i1 ON t1 (id);",
        "ALTER INDEX i ATTACH PARTITION i1",
        since=11,
        until=11,
        parent=AX,
        partition=AX,
        read=AS,
    ),
    _fact(
        "alter index: attach partition",
        "ALTER INDEX, ATTACH PARTITION",
        _PARTITIONED + "CREATE INDEX i ON ONLY t (id); CREATE INDEX i1 ON t1 (id);",
        "ALTER INDEX i ATTACH PARTITION i1",
        since=12,
        parent=SUX,
        partition=AX,
        read=AS,
    ),
    _fact(
        "add unique: children",
        "ALTER TABLE, ADD table_constraint",
        _INHERITED,
        "ALTER TABLE t ADD UNIQUE (a)",
        until=17,
    ),
    _fact(
        "add unique: children",
        "ALTER TABLE, ADD table_constraint",
        _INHERITED,
        "ALTER TABLE t ADD UNIQUE (a)",
        since=18,
        partition=AX,
    ),
    _fact(
        "add foreign key: children",
        "ALTER TABLE, ADD table_constraint",
        _INHERITED + _P + "ANALYZE;",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p",
        until=17,
    ),
    _fact(
        "add foreign key: children",
        "ALTER TABLE, ADD table_constraint",
        _INHERITED + _P + "ANALYZE;",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p",
        since=18,
        partition=SRX,
    ),
    _fact(
        "references a partitioned table",
        "Release 12, foreign keys that reference partitioned tables",
        _PARTITIONED,
        "ALTER TABLE p ADD FOREIGN KEY (id) REFERENCES t (k)",
        until=11,
        fails="cannot reference a partitioned table",
    ),
    _fact(
        "references a partitioned table",
        "Release 12, foreign keys that reference partitioned tables",
        _PARTITIONED + "ALTER TABLE t ADD UNIQUE (k); UPDATE p SET id = 1; ANALYZE;",
        "ALTER TABLE p ADD FOREIGN KEY (id) REFERENCES t (k)",
        since=12,
    ),
)

_SETTINGS = (
    _fact(
        "set without oids",
        "ALTER TABLE, SET WITHOUT OIDS",
        _T,
        "ALTER TABLE t SET WITHOUT OIDS",
        altered=AX,
    ),
    _fact(
        "set statistics",
        "ALTER TABLE, SET STATISTICS",
        _T,
        "ALTER TABLE t ALTER COLUMN a SET STATISTICS 500",
        altered=SUX,
    ),
    _fact(
        "set column options",
        "ALTER TABLE, SET ( attribute_option )",
        _T,
        "ALTER TABLE t ALTER COLUMN a SET (n_distinct = 5)",
        altered=SUX,
    ),
    _fact(
        "set storage", "ALTER TABLE, SET STORAGE", _T, "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL", altered=AX
    ),
    _fact(
        "set compression",
        "ALTER TABLE, SET COMPRESSION",
        _T,
        "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz",
        since=14,
        altered=AX,
    ),
    _fact(
        "set parameters",
        "ALTER TABLE, SET ( storage_parameter )",
        _T,
        "ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = false)",
        altered=SUX,
    ),
    _fact(
        "set parameters: others",
        "CREATE TABLE, Storage Parameters",
        _T,
        "ALTER TABLE t SET (user_catalog_table = true)",
        altered=AX,
    ),
    _fact(
        "owner", "ALTER TABLE, OWNER TO", _T, "ALTER TABLE t OWNER TO pg_monitor", altered=AX, indexes={"altered": AX}
    ),
    _fact("cluster on", "ALTER TABLE, CLUSTER ON", _T, "ALTER TABLE t CLUSTER ON t_a", altered=SUX, index=SUX),
    _fact(
        "set without cluster", "ALTER TABLE, SET WITHOUT CLUSTER", _T, "ALTER TABLE t SET WITHOUT CLUSTER", altered=SUX
    ),
    _fact(
        "set logged",
        "ALTER TABLE, SET LOGGED",
        _T,
        "ALTER TABLE t SET UNLOGGED",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
    ),
    _fact("set tablespace", "ALTER TABLE, SET TABLESPACE", _T, "ALTER TABLE t SET TABLESPACE pg_default", altered=AX),
    _fact(
        "set access method",
        "ALTER TABLE, SET ACCESS METHOD",
        _T,
        "ALTER TABLE t SET ACCESS METHOD heap",
        since=15,
        altered=AX,
    ),
    _fact("enable trigger", "ALTER TABLE, ENABLE TRIGGER", _TRIGGER, "ALTER TABLE t DISABLE TRIGGER tg", altered=SRX),
    _fact("replica identity", "ALTER TABLE, REPLICA IDENTITY", _T, "ALTER TABLE t REPLICA IDENTITY FULL", altered=AX),
    _fact(
        "row level security",
        "ALTER TABLE, ROW LEVEL SECURITY",
        _T,
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        altered=AX,
    ),
    _fact(
        "replica identity: index",
        "ALTER TABLE, REPLICA IDENTITY",
        _T,
        "ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey",
        altered=AX,
        index=S,
    ),
    _fact(
        "no inherit",
        "ALTER TABLE, NO INHERIT",
        _INHERITED,
        "ALTER TABLE c NO INHERIT t",
        altered=AX,
        parent=AS,
    ),
    _fact(
        "inherit",
        "ALTER TABLE, INHERIT",
        _T + "CREATE TABLE p (LIKE t);",
        "ALTER TABLE t INHERIT p",
        altered=AX,
        parent=SUX,
    ),
)

_OTHERS = (
    _fact(
        "create trigger",
        "CREATE TRIGGER",
        _TRIGGER,
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE suppress_redundant_updates_trigger()",
        altered=SRX,
    ),
    _fact(
        "create trigger: replace",
        "Release 14, CREATE OR REPLACE TRIGGER",
        _TRIGGER,
        "CREATE OR REPLACE TRIGGER tg BEFORE UPDATE ON t"
        " FOR EACH ROW EXECUTE PROCEDURE suppress_redundant_updates_trigger()",
        since=14,
        altered=SRX,
    ),
    _fact("drop trigger", "DROP TRIGGER", _TRIGGER, "DROP TRIGGER tg ON t", altered=AX),
    _fact("rename trigger", "ALTER TRIGGER", _TRIGGER, "ALTER TRIGGER tg ON t RENAME TO x", altered=AX),
    _fact("policy", "CREATE POLICY", _T, "CREATE POLICY x ON t USING (true)", altered=AX),
    _fact("rule", "CREATE RULE", _T, "CREATE RULE x AS ON INSERT TO t DO ALSO NOTHING", altered=AX),
    _fact(
        "sequence: owned by",
        "CREATE SEQUENCE, OWNED BY",
        _T + "CREATE SEQUENCE q;",
        "ALTER SEQUENCE q OWNED BY t.a",
        read=AS,
    ),
    _fact(
        "drop sequence: default",
        "DROP SEQUENCE, CASCADE",
        "CREATE TABLE t (id serial);",
        "DROP SEQUENCE t_id_seq CASCADE",
        altered=AX,
    ),
    _fact("drop domain: column", "DROP DOMAIN, CASCADE", _USED_DOMAIN, "DROP DOMAIN d CASCADE", altered=AX),
    _fact("create statistics", "CREATE STATISTICS", _T, "CREATE STATISTICS s ON a, b FROM t", altered=SUX),
    _fact("comment", "COMMENT", _T, "COMMENT ON COLUMN t.a IS 'x'", altered=SUX),
    _fact("comment: index", "COMMENT", _T, "COMMENT ON INDEX t_a IS 'x'", index=SUX),
    _fact("no lock", "SET and what else touches no table", _T, "SET LOCAL lock_timeout = '2s'"),
    _fact("grant", "GRANT", _T, "GRANT SELECT ON t TO pg_monitor", until=17),
    _fact("grant", "GRANT", _T, "GRANT SELECT ON t TO pg_monitor", since=18, altered=AS),
    _fact("comment: constraint or trigger", "COMMENT", _TRIGGER, "COMMENT ON TRIGGER tg ON t IS 'x'", altered=AS),
    _fact(
        "no lock: not in a transaction block",
        "CREATE DATABASE, ALTER SYSTEM",
        _T,
        "ALTER SYSTEM RESET work_mem",
        transaction=False,
    ),
    _fact("create view", "CREATE VIEW", _T, "CREATE VIEW v AS SELECT a FROM t", read=AS),
    _fact(
        "create materialized view",
        "CREATE MATERIALIZED VIEW",
        _T,
        "CREATE MATERIALIZED VIEW v AS SELECT a FROM t",
        read=AS,
        indexes={"read": AS},
        scans=("read",),
    ),
    _fact(
        "refresh",
        "REFRESH MATERIALIZED VIEW",
        _VIEWS,
        "REFRESH MATERIALIZED VIEW m",
        altered=AX,
        rewrites=_ALTER,
        scans=("altered", "read"),
        read=AS,
        indexes={"read": AS},
    ),
    _fact(
        "refresh: with no data",
        "REFRESH MATERIALIZED VIEW, WITH NO DATA",
        _VIEWS,
        "REFRESH MATERIALIZED VIEW m WITH NO DATA",
        altered=AX,
        rewrites=_ALTER,
    ),
    _fact(
        "refresh: concurrently",
        "REFRESH MATERIALIZED VIEW, CONCURRENTLY",
        _VIEWS,
        "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
        altered=X,
        scans=("altered", "read"),
        read=AS,
        indexes={"altered": RX, "read": AS},
    ),
    _fact(
        "drop materialized view",
        "DROP MATERIALIZED VIEW",
        _VIEWS,
        "DROP MATERIALIZED VIEW m",
        altered=AX,
        indexes={"altered": AX},
    ),
    _fact("enum: add value", "ALTER TYPE, ADD VALUE", _ENUM, "ALTER TYPE e ADD VALUE 'c'", until=11, transaction=False),
    _fact(
        "enum: add value",
        "Release 12, ALTER TYPE … ADD VALUE in a transaction",
        _ENUM,
        "ALTER TYPE e ADD VALUE 'c'",
        since=12,
    ),
    _fact(
        "domain: add constraint",
        "ALTER DOMAIN, ADD domain_constraint",
        _USED_DOMAIN,
        "ALTER DOMAIN d ADD CONSTRAINT k CHECK (value < 1000)",
        altered=S,
        scans=_ALTER,
    ),
    _fact(
        "insert",
        "13.3.1 Table-Level Locks",
        _T,
        "INSERT INTO t VALUES (100000, 1)",
        altered=RX,
    ),
    _fact(
        "insert: foreign key",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK,
        "INSERT INTO t VALUES (100000, 1)",
        altered=RX,
        referenced=RS,
        indexes={"referenced": AS},
        until=11,
    ),
    _fact(
        "insert: foreign key",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK,
        "INSERT INTO t VALUES (100000, 1)",
        altered=RX,
        referenced=RS,
        indexes={"referenced": RS},
        since=12,
    ),
    _fact(
        "update",
        "13.3.1 Table-Level Locks",
        _T,
        "UPDATE t SET c = 1",
        altered=RX,
        indexes={"altered": RX},
        scans=_ALTER,
    ),
    _fact(
        "update: foreign key",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK,
        "UPDATE t SET a = a + 1 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referenced": AS},
        referenced=RS,
        until=11,
    ),
    _fact(
        "update: foreign key",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK,
        "UPDATE t SET a = a + 1 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referenced": RS},
        referenced=RS,
        since=12,
    ),
    _fact(
        "update: referenced",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK + "DELETE FROM t WHERE a = 3;",
        "UPDATE p SET id = id + 100000 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": AS},
        referencing=RS,
        until=11,
    ),
    _fact(
        "update: referenced",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK + "DELETE FROM t WHERE a = 3;",
        "UPDATE p SET id = id + 100000 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": RS},
        referencing=RS,
        since=12,
    ),
    _fact(
        "update: cascade",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK.replace("p;", "p ON UPDATE CASCADE;", 1),
        "UPDATE p SET id = id + 100000 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": RX},
        referencing=RX,
    ),
    _fact(
        "update: filtered",
        "13.3.1 Table-Level Locks",
        _LARGE_FK,
        "UPDATE t SET c = 1 WHERE id = 3",
        altered=RX,
        indexes={"altered": RX},
    ),
    _fact(
        "delete: filtered",
        "13.3.1 Table-Level Locks",
        _LARGE_FK,
        "DELETE FROM t WHERE id = 3",
        altered=RX,
        indexes={"altered": RX},
    ),
    _fact("delete", "13.3.1 Table-Level Locks", _T, "DELETE FROM t", altered=RX, indexes={"altered": RX}, scans=_ALTER),
    _fact("select", "13.3.1 Table-Level Locks", _T, "SELECT * FROM t", read=AS, indexes={"read": AS}, scans=("read",)),
    _fact(
        "select: for update",
        "13.3.1 Table-Level Locks",
        _T,
        "SELECT * FROM t FOR UPDATE",
        read=RS,
        indexes={"read": AS},
        scans=("read",),
        until=11,
    ),
    _fact(
        "select: for update",
        "13.3.1 Table-Level Locks",
        _T,
        "SELECT * FROM t FOR UPDATE",
        read=RS,
        indexes={"read": RS},
        scans=("read",),
        since=12,
    ),
    _fact(
        "delete: referenced",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK + "DELETE FROM t WHERE a = 3;",
        "DELETE FROM p WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": AS},
        referencing=RS,
        until=11,
    ),
    _fact(
        "delete: referenced",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK + "DELETE FROM t WHERE a = 3;",
        "DELETE FROM p WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": RS},
        referencing=RS,
        since=12,
    ),
    _fact(
        "delete: cascade",
        "CREATE TABLE, REFERENCES",
        _LARGE_FK.replace("p;", "p ON DELETE CASCADE;", 1),
        "DELETE FROM p WHERE id = 3",
        altered=RX,
        indexes={"altered": RX, "referencing": RX},
        referencing=RX,
    ),
    _fact(
        "copy: from",
        "13.3.1 Table-Level Locks",
        _T,
        "COPY t FROM PROGRAM 'true'",
        altered=RX,
    ),
    _fact("analyze", "ANALYZE", _T, "ANALYZE t", altered=SUX, indexes={"altered": AS}),
    _fact("vacuum", "VACUUM", _T, "VACUUM t", altered=SUX, indexes={"altered": RX}, transaction=False),
    _fact(
        "vacuum: full",
        "VACUUM",
        _SLOW_INDEX,
        "VACUUM FULL t",
        altered=AX,
        rewrites=_ALTER,
        scans=_ALTER,
        transaction=False,
    ),
    _fact("cluster", "CLUSTER", _T, "CLUSTER t USING t_a", altered=AX, rewrites=_ALTER, scans=_ALTER),
    _fact("lock table: view", "LOCK", _VIEWS, "LOCK TABLE v", since=11),
    *(
        _fact(f"lock table: {mode.value.lower()}", "LOCK", _T, f"LOCK TABLE t IN {mode.value} MODE", altered=mode)
        for mode in LockMode
    ),
)

FACTS = (*_COLUMNS, *_CONSTRAINTS, *_INDEXES, *_TABLES, *_PARTITIONS, *_SETTINGS, *_OTHERS)

_BY_FORM: dict[tuple[str, int], Fact] = {
    (row.form, version): row for row in FACTS for version in range(row.since, row.until + 1)
}
_SINCE: dict[str, int] = {}
for _row in FACTS:
    _SINCE[_row.form] = min(_row.since, _SINCE.get(_row.form, NEWEST))


def fact(form: str, postgres: int) -> Fact | None:
    """The row for a form on a major version; None when that version does not have it.

    Raises:
        KeyError: The table has no such form.
    """
    row = _BY_FORM.get((form, postgres))
    if row is None and form not in _SINCE:
        raise KeyError(form)
    return row


def first_version(form: str) -> int:
    """First major version that has the form's syntax."""
    return _SINCE[form]
