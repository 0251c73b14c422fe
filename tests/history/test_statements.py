"""When two texts of SQL are the same."""

import pytest

from migsafe.history.statements import canonical, sql_fingerprint

BODY = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $${}$$"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = 1", "select  a\nfrom T\nwhere b=1;"),
        ("SELECT 1 -- one", "/* two */ SELECT 1"),
        ("ALTER TABLE t ADD COLUMN a int", 'ALTER TABLE "t" ADD a integer'),
        ("SELECT 'it''s'", "SELECT E'it\\'s'"),
        ("CREATE INDEX i ON t (a); SELECT 1", "CREATE INDEX i ON t USING btree (a);\n\nSELECT 1;\n"),
        (BODY.format("BEGIN RETURN new; END"), BODY.format("\nBEGIN\n  -- as it is\n  RETURN new;\nEND\n")),
        ("DO LANGUAGE plpgsql $$BEGIN PERFORM 1; END$$", "DO LANGUAGE plpgsql $x$\nBEGIN\n  PERFORM 1;\nEND\n$x$"),
        ("UPDATE t SET a = %s WHERE b = %(b)s", "update t set a=%s\nwhere b=%(b)s"),
        # no SQL
        ("ALTER  TABLE t ADD", "ALTER TABLE t -- what?\n ADD"),
        ("SELECT %(a)s FROM  t WHERE", "SELECT %(a)s\nFROM t WHERE"),
    ],
)
def test_same(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 'a b'", "SELECT 'a  b'"),
        ("SELECT 'a'", "SELECT 'A'"),
        ("SELECT a", 'SELECT "A"'),
        ("SELECT 1; SELECT 2", "SELECT 2; SELECT 1"),
        ("SELECT a AND b OR c", "SELECT a AND (b OR c)"),
        ("SELECT 1", "SELECT '1'"),
        ("SELECT 1", "SELECT 1.0"),
        ("SELECT 0", "SELECT NULL"),
        ("SELECT true", "SELECT false"),
        ("SELECT ''", "SELECT '0'"),
        ("DROP TABLE a, b", 'DROP TABLE "a, b"'),
        ("DROP TABLE a", "DROP TABLE IF EXISTS a"),
        ("DROP TABLE a", "DROP TABLE a CASCADE"),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX i ON t (a DESC)"),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX CONCURRENTLY i ON t (a)"),
        ("CREATE INDEX i ON t (a, b)", "CREATE INDEX i ON t (b, a)"),
        ("ALTER TABLE t ALTER a TYPE varchar(10)", "ALTER TABLE t ALTER a TYPE varchar(11)"),
        (BODY.format("BEGIN RETURN new; END"), BODY.format("BEGIN RETURN old; END")),
        (BODY.format("BEGIN x := 'a b'; END"), BODY.format("BEGIN x := 'a  b'; END")),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$\nif a:\n  b()\nc()$$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$\nif a:\n  b()\n  c()$$",
        ),
        ("COPY t FROM stdin", "COPY t FROM 'stdin'"),
        # no SQL
        ("ALTER TABLE t ADD 'a b'", "ALTER TABLE t ADD 'a  b'"),
        ("SELECT %(a)s FROM", "SELECT %(b)s FROM"),
        ("SELECT %(a)s", "SELECT %(b)s"),
        ("SELECT %s", "SELECT '%s'"),
        ("SELECT 'unfinished  text", "SELECT 'unfinished text"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_fingerprint() -> None:
    alone = [("CREATE INDEX i ON t (a)", True), ("SELECT 1", True)]
    assert sql_fingerprint(alone) == sql_fingerprint([("create index i on t(a)", True), ("SELECT  1", True)])
    others = [
        alone[::-1],
        alone[:1],
        [],
        [(alone[0][0], False), alone[1]],
        [("CREATE INDEX i ON t (a); SELECT 1", True)],
    ]
    assert len({sql_fingerprint(one) for one in (alone, *others)}) == 6
    assert sql_fingerprint(alone) == "3ab87d9ca9455a7e"
