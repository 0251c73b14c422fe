"""What SQL texts mean: one row per form of statement, then the texts around them."""

import re

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from migsafe import actions
from migsafe.actions import (
    Action,
    Bound,
    ColumnDefinition,
    Comparison,
    Constant,
    Constraint,
    ConstraintKind,
    Expression,
    IndexKey,
    Name,
    Type,
    Unknown,
)
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse

T = Name("t")
INT = Type(Name("int4"))
POSITIVE = Expression("a > 0", columns=("a",), comparisons=(Comparison("a", ">", (Constant("0"),)),))
CHECK = Constraint(kind=ConstraintKind.CHECK, name="c", columns=("a",), expression=POSITIVE)
FOREIGN_KEY = Constraint(
    kind=ConstraintKind.FOREIGN_KEY,
    name="f",
    columns=("a_id",),
    references=Name("a", "s"),
    referenced_columns=("id",),
    deferrable=True,
    initially_deferred=True,
)


def integer(name: str, **options: object) -> ColumnDefinition:
    return ColumnDefinition(name=name, type=INT, **options)  # type: ignore[arg-type]


MEANINGS: list[tuple[str, list[Action]]] = [
    # Tables
    (
        'CREATE TABLE "T" (a int NOT NULL, b varchar(20)[] UNIQUE, c serial PRIMARY KEY, CHECK (a > 0))',
        [
            actions.CreateTable(
                relation=Name("T"),
                columns=(
                    integer("a", not_null=True),
                    ColumnDefinition(
                        name="b",
                        type=Type(Name("varchar"), (20,), array=True),
                        constraints=(Constraint(kind=ConstraintKind.UNIQUE, columns=("b",)),),
                    ),
                    ColumnDefinition(
                        name="c",
                        type=Type(Name("serial")),
                        not_null=True,
                        constraints=(Constraint(kind=ConstraintKind.PRIMARY_KEY, columns=("c",)),),
                    ),
                ),
                constraints=(Constraint(kind=ConstraintKind.CHECK, columns=("a",), expression=POSITIVE),),
            )
        ],
    ),
    ("create unlogged table t ()", [actions.CreateTable(relation=T, unlogged=True)]),
    (
        "CREATE TABLE IF NOT EXISTS t (LIKE s.u INCLUDING DEFAULTS INCLUDING INDEXES)",
        [
            actions.CreateTable(
                relation=T, if_not_exists=True, like=(Name("u", "s"),), like_including=("defaults", "indexes")
            )
        ],
    ),
    ("CREATE TABLE t () INHERITS (u)", [actions.CreateTable(relation=T, inherits=(Name("u"),))]),
    (
        "CREATE TABLE t (a int) PARTITION BY RANGE (a)",
        [actions.CreateTable(relation=T, columns=(integer("a"),), partition_by="range", partition_key=("a",))],
    ),
    (
        "CREATE TABLE t PARTITION OF u DEFAULT",
        [actions.CreateTable(relation=T, partition_of=Name("u"), default_partition=True)],
    ),
    ("CREATE TEMP TABLE t AS SELECT * FROM u", [actions.CreateTable(relation=T, temporary=True, reads=(Name("u"),))]),
    ("SELECT * INTO t FROM u", [actions.CreateTable(relation=T, reads=(Name("u"),))]),
    (
        "DROP TABLE IF EXISTS t, s.u CASCADE",
        [
            actions.DropTable(relation=T, if_exists=True, cascade=True),
            actions.DropTable(relation=Name("u", "s"), if_exists=True, cascade=True),
        ],
    ),
    ('ALTER TABLE t RENAME TO "New"', [actions.RenameTable(relation=T, new_name="New")]),
    ("ALTER TABLE t SET SCHEMA s", [actions.SetSchema(relation=T, schema="s")]),
    (
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1, NULL)",
        [actions.AttachPartition(relation=T, partition=Name("p"), bound=Bound(values=(Constant("1"), None)))],
    ),
    (
        "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (MINVALUE) TO (now())",
        [actions.AttachPartition(relation=T, partition=Name("p"), bound=Bound((None,), (None,), known=False))],
    ),
    (
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        [actions.DetachPartition(relation=T, partition=Name("p"), concurrently=True)],
    ),
    (
        "ALTER TABLE t SET (fillfactor = 70), ALTER a SET STATISTICS 5, OWNER TO bob, INHERIT u",
        [
            actions.AlterTable(relation=T, command="SetRelOptions", options=("fillfactor",)),
            actions.AlterTable(relation=T, command="SetStatistics", column="a"),
            actions.AlterTable(relation=T, command="ChangeOwner", to="bob"),
            actions.AlterTable(relation=T, command="AddInherit", target=Name("u")),
        ],
    ),
    (
        "TRUNCATE t, u CASCADE",
        [
            actions.Truncate(relation=T, together=(T, Name("u")), cascade=True),
            actions.Truncate(relation=Name("u"), together=(T, Name("u")), cascade=True),
        ],
    ),
    # Columns
    (
        "alter table t\n  add column a int default 5 not null,\n  drop column if exists b cascade",
        [
            actions.DropColumn(relation=T, column="b", if_exists=True, cascade=True),
            actions.AddColumn(relation=T, column=integer("a", not_null=True, default=Expression("5", constant=True))),
        ],
    ),
    (
        "ALTER TABLE IF EXISTS ONLY t ALTER a DROP NOT NULL",
        [actions.DropNotNull(relation=T, column="a", only=True, table_if_exists=True)],
    ),
    (
        "ALTER TABLE IF EXISTS t RENAME a TO b",
        [actions.RenameColumn(relation=T, column="a", new_name="b", table_if_exists=True)],
    ),
    (
        "ALTER TABLE t ADD a_id int CONSTRAINT f REFERENCES s.a(id) DEFERRABLE INITIALLY DEFERRED",
        [actions.AddColumn(relation=T, column=integer("a_id", constraints=(FOREIGN_KEY,)))],
    ),
    (
        "ALTER TABLE t ADD a int GENERATED ALWAYS AS IDENTITY, ADD b int GENERATED ALWAYS AS (a * 2) STORED,"
        " ADD c int GENERATED ALWAYS AS (a) VIRTUAL",
        [
            actions.AddColumn(relation=T, column=integer("a", not_null=True, identity="always")),
            actions.AddColumn(
                relation=T,
                column=integer("b", generated="stored", expression=Expression("a * 2", columns=("a",))),
            ),
            actions.AddColumn(
                relation=T,
                column=integer("c", generated="virtual", expression=Expression("a", columns=("a",), casts=())),
            ),
        ],
    ),
    ("ALTER TABLE t RENAME COLUMN a TO b", [actions.RenameColumn(relation=T, column="a", new_name="b")]),
    (
        'ALTER TABLE t ALTER a TYPE timestamp(3) with time zone USING a::timestamptz, ALTER b TYPE text COLLATE "C"',
        [
            actions.AlterColumnType(
                relation=T,
                column="a",
                type=Type(Name("timestamptz"), (3,)),
                using=Expression("a::timestamptz", columns=("a",), casts=(Type(Name("timestamptz")),)),
            ),
            actions.AlterColumnType(relation=T, column="b", type=Type(Name("text")), collation=Name("C")),
        ],
    ),
    (
        "ALTER TABLE t ALTER a SET NOT NULL, ALTER a DROP NOT NULL, ALTER a SET DEFAULT NULL, ALTER a DROP DEFAULT",
        [
            actions.DropNotNull(relation=T, column="a"),
            actions.DropDefault(relation=T, column="a"),
            actions.SetNotNull(relation=T, column="a"),
            actions.SetDefault(relation=T, column="a", default=Expression("NULL", constant=True, null=True)),
        ],
    ),
    (
        "ALTER TABLE t ALTER a ADD GENERATED BY DEFAULT AS IDENTITY, ALTER a SET GENERATED ALWAYS,"
        " ALTER a DROP IDENTITY",
        [
            actions.AlterIdentity(relation=T, column="a", change="drop"),
            actions.AlterIdentity(relation=T, column="a", change="set", identity="always"),
            actions.AlterIdentity(relation=T, column="a", change="add", identity="by default"),
        ],
    ),
    ("ALTER TABLE t ALTER a DROP EXPRESSION", [actions.AlterGenerated(relation=T, column="a")]),
    # Constraints
    ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", [actions.AddConstraint(relation=T, constraint=CHECK)]),
    (
        "ALTER TABLE ONLY t ADD CONSTRAINT f FOREIGN KEY (a_id) REFERENCES s.a (id) ON DELETE SET NULL NOT VALID",
        [
            actions.AddConstraint(
                relation=T,
                only=True,
                constraint=Constraint(
                    kind=ConstraintKind.FOREIGN_KEY,
                    name="f",
                    columns=("a_id",),
                    references=Name("a", "s"),
                    referenced_columns=("id",),
                    on_delete="set null",
                    valid=False,
                ),
            )
        ],
    ),
    (
        "ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED, ADD CONSTRAINT n NOT NULL a NOT VALID",
        [
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(
                    kind=ConstraintKind.CHECK,
                    columns=("a",),
                    expression=POSITIVE,
                    valid=False,
                    enforced=False,
                ),
            ),
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(kind=ConstraintKind.NOT_NULL, name="n", columns=("a",), valid=False),
            ),
        ],
    ),
    (
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i DEFERRABLE",
        [
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(kind=ConstraintKind.UNIQUE, name="u", using_index="i", deferrable=True),
            )
        ],
    ),
    (
        "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b)",
        [
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(
                    kind=ConstraintKind.UNIQUE, columns=("a",), include=("b",), nulls_not_distinct=True
                ),
            )
        ],
    ),
    (
        "ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (a WITH =, lower(b) WITH &&) WHERE (c)",
        [
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(
                    kind=ConstraintKind.EXCLUDE,
                    name="x",
                    columns=("a",),
                    method="gist",
                    keys=(
                        IndexKey("a"),
                        IndexKey(
                            None, Expression("lower(b)", columns=("b",), functions=(Name("lower"),)), label="lower"
                        ),
                    ),
                    where=Expression("c", columns=("c",), casts=()),
                ),
            )
        ],
    ),
    ("ALTER TABLE t VALIDATE CONSTRAINT c", [actions.ValidateConstraint(relation=T, name="c")]),
    ("ALTER TABLE t DROP CONSTRAINT c CASCADE", [actions.DropConstraint(relation=T, name="c", cascade=True)]),
    ("ALTER TABLE t RENAME CONSTRAINT c TO d", [actions.RenameConstraint(relation=T, name="c", new_name="d")]),
    ("ALTER TABLE t ALTER CONSTRAINT c ENFORCED", [actions.AlterConstraint(relation=T, name="c", enforced=True)]),
    # Indexes
    (
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY t USING gin"
        ' (a DESC NULLS LAST, lower(b) s.ops, (c) COLLATE "C") INCLUDE (d) WHERE a IS NOT NULL',
        [
            actions.CreateIndex(
                name="i",
                relation=T,
                keys=(
                    IndexKey("a", order="desc nulls last"),
                    IndexKey(
                        None,
                        Expression("lower(b)", columns=("b",), functions=(Name("lower"),)),
                        opclass=Name("ops", "s"),
                        label="lower",
                    ),
                    IndexKey("c", collation=Name("C")),
                ),
                include=("d",),
                unique=True,
                concurrently=True,
                if_not_exists=True,
                only=True,
                method="gin",
                where=Expression("a IS NOT NULL", columns=("a",), not_null=("a",)),
            )
        ],
    ),
    ("DROP INDEX CONCURRENTLY s.i", [actions.DropIndex(index=Name("i", "s"), concurrently=True)]),
    ("ALTER INDEX i RENAME TO j", [actions.RenameIndex(index=Name("i"), new_name="j")]),
    (
        "ALTER INDEX i ATTACH PARTITION j",
        [actions.AlterIndex(index=Name("i"), command="AttachPartition", child=Name("j"))],
    ),
    ("REINDEX TABLE CONCURRENTLY t", [actions.Reindex(kind="table", target=T, concurrently=True)]),
    # Sequences, views, types, functions, triggers
    ("CREATE SEQUENCE s OWNED BY t.a", [actions.CreateSequence(sequence=Name("s"), owned_by=(T, "a"))]),
    ("ALTER SEQUENCE s OWNED BY NONE", [actions.AlterSequence(sequence=Name("s"), disowned=True)]),
    ("ALTER SEQUENCE IF EXISTS s AS bigint", [actions.AlterSequence(sequence=Name("s"), if_exists=True)]),
    ("ALTER SEQUENCE s RENAME TO r", [actions.RenameObject(kind="sequence", name=Name("s"), new_name="r")]),
    ("DROP SEQUENCE s CASCADE", [actions.DropSequence(sequence=Name("s"), cascade=True)]),
    (
        "CREATE MATERIALIZED VIEW v AS WITH w AS (SELECT * FROM a) SELECT * FROM w, s.b WITH NO DATA",
        [
            actions.CreateView(
                relation=Name("v"),
                materialized=True,
                with_data=False,
                reads=(Name("b", "s"), Name("a")),
                query="WITH w AS (SELECT * FROM a) SELECT * FROM w, s.b",
            )
        ],
    ),
    ("DROP VIEW v", [actions.DropView(relation=Name("v"))]),
    (
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        [actions.RefreshMaterializedView(relation=Name("v"), concurrently=True)],
    ),
    ("CREATE TYPE e AS ENUM ('a', 'b')", [actions.CreateType(type=Name("e"), kind="enum", labels=("a", "b"))]),
    ("ALTER TYPE e ADD VALUE 'c'", [actions.AlterEnum(type=Name("e"), label="c")]),
    ("ALTER TYPE e RENAME VALUE 'a' TO 'b'", [actions.AlterEnum(type=Name("e"), label="b", old="a")]),
    ("ALTER DOMAIN d VALIDATE CONSTRAINT c", [actions.AlterDomain(domain=Name("d"), change="validate", name="c")]),
    (
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE SQL STABLE AS 'SELECT 1'",
        [
            actions.CreateFunction(
                function=Name("f"),
                volatility="stable",
                replace=True,
                language="sql",
                inlined=Expression("1", constant=True),
                body=(actions.Select(),),
            )
        ],
    ),
    (
        "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        [
            actions.CreateTrigger(
                relation=T, name="g", function=Name("f"), constraint=True, row=True, events=("insert",)
            )
        ],
    ),
    ("DROP TRIGGER g ON s.t", [actions.DropTrigger(relation=Name("t", "s"), name="g")]),
    ("DROP SCHEMA s CASCADE", [actions.DropObject(kind="schema", name=Name("s"), cascade=True)]),
    ("DROP POLICY p ON t", [actions.DropObject(kind="policy", name=Name("p"), relation=T)]),
    ("COMMENT ON COLUMN t.a IS 'x'", [actions.Comment(kind="column", relation=T, column="a")]),
    ("GRANT SELECT ON t TO bob", [actions.Other(command="GRANT", relation=T)]),
    # Data
    ("INSERT INTO t SELECT * FROM u", [actions.Insert(relation=T, reads=(Name("u"),))]),
    ("UPDATE t SET a = 1, b = 2", [actions.Update(relation=T, columns=("a", "b"))]),
    (
        "UPDATE t SET a = u.a FROM u WHERE u.id = t.id",
        [actions.Update(relation=T, columns=("a",), filtered=True, uses=("a",), reads=(Name("u"),))],
    ),
    (
        "WITH d AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d",
        [actions.Delete(relation=T), actions.Insert(relation=Name("u"), reads=(T,))],
    ),
    (
        "SELECT f(a) FROM t FOR NO KEY UPDATE OF t",
        [actions.Select(reads=(T,), functions=(Name("f"),), for_update="no key update", locked=(T,))],
    ),
    (
        "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE",
        [actions.Merge(relation=T, commands=("delete",), reads=(Name("u"),))],
    ),
    ("COPY t FROM STDIN", [actions.Copy(relation=T, into=True)]),
    ("EXPLAIN ANALYZE DELETE FROM t", [actions.Delete(relation=T)]),
    # Session, transaction, maintenance
    ("SET LOCAL lock_timeout = '2s'", [actions.SetVariable(name="lock_timeout", value="2s", local=True)]),
    ("SET search_path TO a, public", [actions.SetVariable(name="search_path", value="a, public")]),
    ("RESET statement_timeout", [actions.SetVariable(name="statement_timeout", value=None)]),
    ("SET CONSTRAINTS f IMMEDIATE", [actions.SetConstraints(names=(Name("f"),))]),
    ("SET CONSTRAINTS ALL DEFERRED", [actions.SetConstraints(deferred=True)]),
    ("START TRANSACTION", [actions.Transaction(command="begin")]),
    ("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE", [actions.LockTable(relation=T, mode="SHARE ROW EXCLUSIVE")]),
    ("VACUUM (FULL, ANALYZE) t", [actions.Maintenance(command="vacuum", relation=T, full=True, analyze=True)]),
    ("ANALYZE", [actions.Maintenance(command="analyze")]),
]


@pytest.mark.parametrize(("sql", "expected"), MEANINGS, ids=[sql for sql, _ in MEANINGS])
def test_meaning(sql: str, expected: list[Action]) -> None:
    (parsed,) = parse(sql)
    assert parsed.sql == sql
    commands = [action for action in expected if isinstance(action, actions.TableCommand)]
    if len(commands) > 1:
        expected = [replace(action, together=True) if action in commands else action for action in expected]
    assert list(parsed.actions) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("int", "int4"),
        ("BIGINT", "int8"),
        ("double precision", "float8"),
        ("decimal(10, 2)", "numeric(10,2)"),
        ("character varying", "varchar"),
        ("char", "bpchar(1)"),
        ("time", "time"),
        ("timestamp(3) with time zone", "timestamptz(3)"),
        ("interval(3)", "interval(3)"),
        ("interval day to second(3)", "interval(day to second,3)"),
        ("bit varying(8)", "varbit(8)"),
        ("public.citext", "public.citext"),
        ("geometry(Point, 4326)", "geometry(point,4326)"),
        ("int[][]", "int4[]"),
    ],
)
def test_types_have_their_names_of_pg_catalog(written: str, expected: str) -> None:
    (parsed,) = parse(f"ALTER TABLE t ALTER a TYPE {written}")
    (action,) = parsed.actions
    assert isinstance(action, actions.AlterColumnType)
    assert str(action.type) == expected


def expression(sql: str) -> Expression:
    (parsed,) = parse(f"ALTER TABLE t ADD CHECK ({sql})")
    (action,) = parsed.actions
    assert isinstance(action, actions.AddConstraint)
    assert action.constraint.expression is not None
    return action.constraint.expression


@pytest.mark.parametrize(
    "sql", ["1", "-1.5", "'it''s'", "true", "'{}'::jsonb", "CAST('x' AS varchar(3))", "ARRAY['a']::text[]", "E'a\\nb'"]
)
def test_literals_and_their_casts_and_signs_are_constant(sql: str) -> None:
    assert expression(sql).constant


@pytest.mark.parametrize("sql", ["now()", "CURRENT_TIMESTAMP", "a", "1 + 1", "'a' || 'b'", "-a"])
def test_whatever_is_computed_is_not_constant(sql: str) -> None:
    assert not expression(sql).constant


def test_null_is_seen_through_casts() -> None:
    assert expression("NULL::text").null
    assert not expression("'NULL'").null


@pytest.mark.parametrize(
    ("sql", "functions"),
    [
        ("CURRENT_TIMESTAMP > a", ["now"]),
        ("LOCALTIME(3) > a", ["now"]),
        ("CURRENT_USER = a", ["current_user"]),
        ("s.f(pg_catalog.lower(a)) = upper(b)", ["s.f", "lower", "upper"]),
    ],
)
def test_functions_of_an_expression(sql: str, functions: list[str]) -> None:
    assert [str(name) for name in expression(sql).functions] == functions


PROOFS = [
    ("a IS NOT NULL", ("a",)),
    ("a IS NOT NULL AND (b IS NOT NULL AND c > 0)", ("a", "b")),
    ("NOT (a IS NULL)", ("a",)),
    ("NOT (a IS NULL OR b IS NULL)", ("a", "b")),
    ("NOT NOT (a IS NOT NULL)", ("a",)),
    ("a > 0", ()),
    ("a IS NOT NULL OR b IS NOT NULL", ()),
    ("a IS NOT NULL AND b > 0 OR a IS NOT NULL AND c > 0", ("a",)),
    ("NOT (a IS NULL AND (a IS NULL OR b IS NULL))", ("a",)),
    ("a IS NOT NULL OR a > 0", ()),
    ("coalesce(a, b) IS NOT NULL", ()),
    ("NOT (a IS NULL AND b IS NULL)", ()),
    ("a IS NULL", ()),
]


@pytest.mark.parametrize(("sql", "columns"), PROOFS)
def test_what_a_check_proves_not_null(sql: str, columns: tuple[str, ...]) -> None:
    assert expression(sql).not_null == columns


@pytest.mark.parametrize(("sql", "columns"), PROOFS)
def test_a_server_takes_the_same_checks_for_proof(
    sql: str, columns: tuple[str, ...], postgres: Server, database: str
) -> None:
    messages: list[str] = []
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: messages.append(notice.message_primary or ""))
        connection.execute(f"CREATE TABLE t (a int, b int, c int, CHECK ({sql}))".encode())
        connection.execute("SET client_min_messages = debug1")
        connection.execute("ALTER TABLE t ALTER a SET NOT NULL, ALTER b SET NOT NULL, ALTER c SET NOT NULL")
    proven = [column for column in "abc" if any(f'"t.{column}" are sufficient' in message for message in messages)]
    assert proven == list(columns)


# Texts


def test_statements_have_their_text_and_their_line() -> None:
    text = "\n-- why ; not\nSELECT 'é;' /* ü */ ;\n\n/* a\nb */ ALTER TABLE \"ß\"\n  ADD a int -- end\n;;SELECT $$;$$"
    assert [(parsed.line, parsed.sql) for parsed in parse(text)] == [
        (3, "SELECT 'é;'"),
        (6, 'ALTER TABLE "ß"\n  ADD a int'),
        (8, "SELECT $$;$$"),
    ]


@pytest.mark.parametrize("text", ["", " \n", ";", "-- nothing", "/* nothing */;"])
def test_a_text_without_statements(text: str) -> None:
    assert parse(text) == ()


def test_identifiers_are_cut_as_the_server_does() -> None:
    (parsed,) = parse(f'DROP TABLE {"x" * 70}, "{"é" * 40}"')
    assert [str(action.relation) for action in parsed.actions if isinstance(action, actions.DropTable)] == [
        "x" * 63,
        "é" * 31,
    ]


def test_a_syntax_error_spoils_only_its_own_statement() -> None:
    text = "SELECT 'ü';\nALTER TABEL t ADD a int;\n-- last\nDROP TABLE t"
    first, broken, last = parse(text)
    assert first.actions == (actions.Select(),)
    assert (broken.sql, broken.line) == ("ALTER TABEL t ADD a int", 2)
    assert broken.actions == (Unknown(reason='syntax error at or near "TABEL"'),)
    assert (last.line, last.actions) == (4, (actions.DropTable(relation=T),))


def test_an_unterminated_quote_spoils_what_follows() -> None:
    first, broken = parse("DROP TABLE t;\nSELECT 'é; DROP TABLE u; ")
    assert first.actions == (actions.DropTable(relation=T),)
    assert (broken.sql, broken.line) == ("SELECT 'é; DROP TABLE u;", 2)
    assert isinstance(broken.actions[0], Unknown)


@pytest.mark.parametrize("key", ["abc", "1Q4uw", "it's"])
def test_commands_of_psql_end_with_their_line(key: str) -> None:
    command, statement = parse(f"\\restrict {key}\n\nDROP TABLE t;")
    assert command.sql == f"\\restrict {key}"
    assert command.actions == (Unknown(reason="a command of psql, not SQL"),)
    assert (statement.line, statement.actions) == (3, (actions.DropTable(relation=T),))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("DROP TABLE a\0; DROP TABLE b", "PostgreSQL refuses text with a NUL character"),
        ("SELECT '\ud800'", "not valid Unicode"),
        ("SELECT " + "+".join("1" * 500), "nested too deeply to be analysed"),
        ("COMMENT ON COLUMN a IS 'x'", "a form that PostgreSQL's grammar allows, but without a meaning"),
    ],
)
def test_what_is_not_understood_says_why(text: str, reason: str) -> None:
    assert [parsed.actions for parsed in parse(text)] == [(Unknown(reason=reason),)]


WORDS = sorted(
    {word for sql, _ in MEANINGS for word in sql.split()} | {";", "'", "$$", "DO", "BEGIN", "END", "/*", "é"}
)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_text_is_too_strange(text: str) -> None:
    for parsed in parse(text):
        assert parsed.sql in text
        assert parsed.actions or parsed.dynamic


# DO blocks


def in_block(body: str, declarations: str = "") -> tuple[Action, ...]:
    (parsed,) = parse(f"DO $do$ {declarations} BEGIN {body} END $do$")
    assert parsed.dynamic
    return parsed.actions


@pytest.mark.parametrize(
    "body",
    [
        "DROP TABLE t;",
        "IF true THEN DROP TABLE t; END IF;",
        "IF false THEN NULL; ELSIF true THEN DROP TABLE t; END IF;",
        "IF false THEN NULL; ELSE DROP TABLE t; END IF;",
        "CASE 1 WHEN 2 THEN DROP TABLE t; ELSE NULL; END CASE;",
        "FOR i IN 1..3 LOOP DROP TABLE t; END LOOP;",
        "WHILE true LOOP DROP TABLE t; END LOOP;",
        "BEGIN NULL; EXCEPTION WHEN others THEN DROP TABLE t; END;",
        "EXECUTE 'DROP ' || 'TABLE t';",
        "EXECUTE $$DROP TABLE t$$;",
    ],
)
def test_statements_in_a_block_count(body: str) -> None:
    assert in_block(body) == (actions.DropTable(relation=T),)


def test_what_a_block_reads_counts() -> None:
    body = """
        IF EXISTS (SELECT 1 FROM a) THEN PERFORM f(); END IF;
        FOR r IN SELECT * FROM b LOOP n := (SELECT count(*) FROM c); END LOOP;
    """
    assert in_block(body, "DECLARE r record; n int;") == (
        actions.Select(reads=(Name("a"),)),
        actions.Select(functions=(Name("f"),)),
        actions.Select(reads=(Name("b"),)),
        actions.Select(reads=(Name("c"),), functions=(Name("count"),)),
    )


COUNT = actions.Select(reads=(T,), functions=(Name("count"),))


def test_sql_that_a_block_makes_up_at_run_time_is_unknown() -> None:
    assert in_block("EXECUTE format('DROP TABLE %I', found); DROP TABLE t;") == (
        Unknown(reason="EXECUTE of a text that is only known at run time"),
        actions.DropTable(relation=T),
    )


@pytest.mark.parametrize(
    "text",
    [
        "format('DROP TABLE %I', 't')",
        "format('%2$s %1$I', 't', 'DROP TABLE')",
        "'DROP TABLE ' || quote_ident('t')",
        "format('DROP TABLE %s', 't'::text)",
    ],
)
def test_sql_that_a_block_puts_together_of_constants_is_known(text: str) -> None:
    assert in_block(f"EXECUTE {text};") == (actions.DropTable(relation=T),)


def test_constants_of_a_block_are_known() -> None:
    (parsed,) = parse("DO $$ DECLARE name CONSTANT text := 't'; BEGIN EXECUTE 'DROP TABLE ' || name; END $$")
    assert parsed.actions == (actions.DropTable(relation=T),)


@pytest.mark.parametrize(
    ("definition", "body"),
    [
        ("RETURNS void LANGUAGE sql AS 'DELETE FROM t'", (actions.Delete(relation=T),)),
        ("RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM t)", (COUNT,)),
        ("RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t; END", (COUNT,)),
        ("RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN new; END'", (actions.Delete(relation=T),)),
        ("RETURNS int LANGUAGE plpython3u AS 'pass'", (Unknown(reason="a function in language plpython3u"),)),
    ],
)
def test_body_of_a_function(definition: str, body: tuple[Action, ...]) -> None:
    (parsed,) = parse(f"CREATE FUNCTION f() {definition}")
    (action,) = parsed.actions
    assert isinstance(action, actions.CreateFunction)
    assert action.body == body


def test_a_block_that_is_not_plpgsql_is_unknown() -> None:
    (parsed,) = parse("DO LANGUAGE plpython3u 'pass'")
    assert parsed.actions == (Unknown(reason="DO block in language plpython3u"),)


def test_a_broken_block_is_unknown() -> None:
    (action,) = in_block("IF THEN;")
    assert isinstance(action, Unknown)


# Django

FILLED = {
    "changes": "ALTER COLUMN a TYPE bigint USING a::bigint, ALTER b SET NOT NULL",
    "check": "a > 0",
    "collation": ' COLLATE "C"',
    "columns": '"a" varchar_pattern_ops, "b" DESC',
    "comment": "'x'",
    "condition": " WHERE a > 0",
    "constraint": "UNIQUE (a)",
    "default": "'x'",
    "deferrable": " DEFERRABLE INITIALLY DEFERRED",
    "definition": '"id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY',
    "extra": " TABLESPACE x",
    "include": " INCLUDE (c)",
    "namespace": "s.",
    "on_delete_db": " ON DELETE CASCADE",
    "nulls_distinct": " NULLS NOT DISTINCT",
    "param_types": "int",
    "type": "bigint",
    "using": " USING btree",
    "vals": "1",
}
"""What Django puts into its templates where it is not simply a name."""

FRAGMENTS = {
    "ALTER COLUMN": "ALTER TABLE t {}",
    "CONSTRAINT %(name)s REFERENCES": "ALTER TABLE t ADD COLUMN a int {}",
    "CONSTRAINT": "ALTER TABLE t ADD {}",
    "CHECK": "ALTER TABLE t ADD {}",
    "PRIMARY KEY": "ALTER TABLE t ADD {}",
    "UNIQUE": "ALTER TABLE t ADD {}",
}
"""How a template that is only part of a statement starts → the statement."""


def templates_of_django() -> dict[str, str]:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor

    names = (name for name in dir(DatabaseSchemaEditor) if name.startswith("sql_"))
    templates = ((name, getattr(DatabaseSchemaEditor, name)) for name in names)
    return {name: template for name, template in templates if isinstance(template, str)}


@pytest.mark.parametrize("name", templates_of_django())
def test_every_statement_of_the_schema_editor_is_understood(name: str) -> None:
    template = templates_of_django()[name]
    whole = next((whole for start, whole in FRAGMENTS.items() if template.startswith(start)), "{}").format(template)
    # Names of columns among which a key or constraint chooses carry no operator class.
    columns = {} if "INDEX" in whole else {"columns": "a, b"}
    if "ADD COLUMN" in whole:
        columns["definition"] = "bigint DEFAULT 1 NOT NULL"
    placeholders = dict.fromkeys(re.findall(r"%\((\w+)\)s", whole), '"x"')
    sql = whole % {key: {**FILLED, **columns}.get(key, value) for key, value in placeholders.items()}
    statements = parse(sql)
    assert len(statements) == 1 + (template.count(";"))
    assert not [action for parsed in statements for action in parsed.actions if isinstance(action, Unknown)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # django.contrib.postgres.operations and fields without a template in the schema editor
        ('CREATE EXTENSION IF NOT EXISTS "hstore"', actions.CreateExtension(extension="hstore", if_not_exists=True)),
        (
            'DROP EXTENSION IF EXISTS "hstore"',
            actions.DropObject(kind="extension", name=Name("hstore"), if_exists=True),
        ),
        (
            "CREATE COLLATION \"ci\" (locale='und-u-ks-level2', provider=icu, deterministic=false)",
            actions.CreateCollation(collation=Name("ci"), deterministic=False),
        ),
        ('DROP COLLATION "ci"', actions.DropObject(kind="collation", name=Name("ci"))),
        (
            'ALTER TABLE "t" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID',
            actions.AddConstraint(
                relation=T,
                constraint=Constraint(
                    kind=ConstraintKind.CHECK,
                    name="c",
                    columns=("a",),
                    expression=POSITIVE,
                    valid=False,
                ),
            ),
        ),
        ('ALTER TABLE "t" VALIDATE CONSTRAINT "c"', actions.ValidateConstraint(relation=T, name="c")),
    ],
)
def test_operations_of_contrib_postgres(sql: str, expected: Action) -> None:
    assert [parsed.actions for parsed in parse(sql)] == [(expected,)]


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("-- a\nSELECT 1; -- b\n-- c\n\nSELECT 2", [("a", "b"), ("c",)]),
        ("SELECT 1, -- a\n2; SELECT 3; -- b", [("a",), ("b",)]),
        ("SELECT 1;\n-- below", [("below",)]),
        ("SELECT '-- a'; /* b */ SELECT $$ -- c $$", [(), ()]),
        ("-- a\nDRINK tea;\nSELECT 1 -- b", [("a",), ("b",)]),
        ("-- a\nSELECT 'ü' -- ö", [("a", "ö")]),
        ("-- nothing else", []),
    ],
)
def test_each_comment_belongs_to_one_statement(text: str, comments: list[tuple[str, ...]]) -> None:
    assert [parsed.comments for parsed in parse(text)] == comments
