"""Two databases of each server, one a copy of the other, with rows that are not what they were."""

import psycopg
import pytest

from migsafe.sandbox.rows import row_differences
from migsafe.sandbox.server import Server
from migsafe.verification import RowDifference
from tests.conftest import MAJORS, ONE, each_major
from tests.copies import copied, execute

# First version that has it, table, what makes it, what is done to it, what is lost: column (None: rows) → rows.
CHANGES: list[tuple[int, str, str, str, dict[str | None, int]]] = [
    (10, "same", "CREATE TABLE same AS SELECT g AS id, g AS a FROM generate_series(1, 9) g", "", {}),
    (
        10,
        "value",
        "CREATE TABLE value (id int PRIMARY KEY, a int, b text); INSERT INTO value SELECT g, g, g FROM generate_series(1, 9) g",
        "UPDATE value SET a = a + 1 WHERE id < 4; UPDATE value SET b = NULL WHERE id = 4; UPDATE value SET b = b",
        {"a": 3, "b": 1},
    ),
    (
        10,
        "swapped",
        "CREATE TABLE swapped (id int PRIMARY KEY, a int); INSERT INTO swapped VALUES (1, 10), (2, 20), (3, 30)",
        "UPDATE swapped SET a = 30 - a WHERE id < 3",
        {"a": 2},
    ),
    (
        10,
        "readded",
        "CREATE TABLE readded (id int PRIMARY KEY, a int, b int DEFAULT 1);"
        "INSERT INTO readded VALUES (1, 1, 1), (2, NULL, 2), (3, 3, 3)",
        "ALTER TABLE readded DROP a, DROP b; ALTER TABLE readded ADD b int DEFAULT 1, ADD a int",
        {"a": 2, "b": 2},
    ),
    (
        10,
        "dropped",
        "CREATE TABLE dropped (id int PRIMARY KEY, a int, b int); INSERT INTO dropped VALUES (1, 1), (2, NULL), (3, 3)",
        "ALTER TABLE dropped DROP a, DROP b",
        {"a": 2},
    ),
    (
        10,
        "rows",
        "CREATE TABLE rows (id int PRIMARY KEY, a int); INSERT INTO rows SELECT g, g FROM generate_series(1, 9) g",
        "DELETE FROM rows WHERE id < 4; INSERT INTO rows VALUES (100, 1), (101, 1); UPDATE rows SET a = 0 WHERE id = 4",
        {None: 3, "a": 1},
    ),
    (
        10,
        "more",
        "CREATE TABLE more (id int PRIMARY KEY); INSERT INTO more VALUES (1)",
        "INSERT INTO more VALUES (2), (3)",
        {None: 2},
    ),
    (
        10,
        "emptied",
        "CREATE TABLE emptied (id int PRIMARY KEY); INSERT INTO emptied VALUES (1), (2)",
        "TRUNCATE emptied",
        {None: 2},
    ),
    (
        10,
        "gone",
        "CREATE TABLE gone (id int PRIMARY KEY); INSERT INTO gone VALUES (1), (2)",
        "DROP TABLE gone",
        {None: 2},
    ),
    (10, "gone_empty", "CREATE TABLE gone_empty (id int PRIMARY KEY)", "DROP TABLE gone_empty", {}),
    (10, "new", "", "CREATE TABLE new (id int); INSERT INTO new VALUES (1)", {}),
    (
        10,
        "new_column",
        "CREATE TABLE new_column (id int PRIMARY KEY)",
        "ALTER TABLE new_column ADD a int DEFAULT 3",
        {},
    ),
    (
        10,
        'app."Odd . name"',
        'CREATE SCHEMA app; CREATE TABLE app."Odd . name" ("r" int, "hash" int, "t" int, "a ""%s b" int, PRIMARY KEY ("hash", r));'
        'INSERT INTO app."Odd . name" VALUES (1, 1, 1, 1), (1, 2, 2, 2)',
        'UPDATE app."Odd . name" SET "a ""%s b" = 3, t = 5 WHERE hash = 2',
        {'a "%s b': 1, "t": 1},
    ),
    (
        10,
        "bag",
        "CREATE TABLE bag (a int, b text); INSERT INTO bag VALUES (1, 'x'), (1, 'x'), (2, 'y'), (3, NULL)",
        "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag); INSERT INTO bag VALUES (4, 'z')",
        {"a": 1, "b": 1},
    ),
    (
        10,
        "bag_shuffled",
        "CREATE TABLE bag_shuffled (a int, b int); INSERT INTO bag_shuffled VALUES (1, 1), (2, 2), (3, 3)",
        "UPDATE bag_shuffled SET b = 3 - b WHERE a < 3",
        {None: 2},
    ),
    (
        10,
        "bag_smaller",
        "CREATE TABLE bag_smaller (a int); INSERT INTO bag_smaller VALUES (1), (1), (2)",
        "DELETE FROM bag_smaller WHERE a = 1",
        {None: 2},
    ),
    (
        10,
        "bag_column",
        "CREATE TABLE bag_column (a int, b int); INSERT INTO bag_column VALUES (1, 1), (2, 2), (3, NULL)",
        "ALTER TABLE bag_column DROP b, ADD b int",
        {"b": 2},
    ),
    (
        10,
        "nothing",
        "CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES",
        "INSERT INTO nothing DEFAULT VALUES",
        {None: 1},
    ),
    (
        10,
        "key_lost",
        "CREATE TABLE key_lost (id int PRIMARY KEY, a int); INSERT INTO key_lost VALUES (1, 1), (2, 2)",
        "ALTER TABLE key_lost DROP CONSTRAINT key_lost_pkey; INSERT INTO key_lost VALUES (2, 2)",
        {None: 1},
    ),
    (
        10,
        "key_dropped",
        "CREATE TABLE key_dropped (id int PRIMARY KEY, a int); INSERT INTO key_dropped VALUES (1, 1), (2, 2)",
        "ALTER TABLE key_dropped DROP id; UPDATE key_dropped SET a = 5 WHERE a = 1",
        {"id": 2, "a": 1},
    ),
    (
        10,
        "base",
        "CREATE TABLE base (id int PRIMARY KEY); CREATE TABLE derived (PRIMARY KEY (id)) INHERITS (base);"
        "INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2)",
        "",
        {},
    ),
    (10, "derived", "", "DELETE FROM derived", {None: 1}),
    (
        10,
        "parted",
        "CREATE TABLE parted (id int, a int) PARTITION BY LIST (id); CREATE TABLE part1 PARTITION OF parted FOR VALUES IN (1);"
        "CREATE TABLE part2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted VALUES (1, 1), (2, 2), (2, 3)",
        "DELETE FROM parted WHERE a = 3",
        {None: 1},
    ),
    (
        11,
        "keyed",
        "CREATE TABLE keyed (id int PRIMARY KEY, a int) PARTITION BY LIST (id);"
        "CREATE TABLE keyed1 PARTITION OF keyed FOR VALUES IN (1); CREATE TABLE keyed2 PARTITION OF keyed FOR VALUES IN (2);"
        "INSERT INTO keyed VALUES (1, 1), (2, 2)",
        "ALTER TABLE keyed DETACH PARTITION keyed1; UPDATE keyed SET a = 7",
        {None: 1, "a": 1},
    ),
    (
        12,
        "generated",
        "CREATE TABLE generated (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a + 1) STORED);"
        "INSERT INTO generated VALUES (1, 1), (2, 2)",
        "ALTER TABLE generated DROP g, ADD g int GENERATED ALWAYS AS (a * 2) STORED",
        {"g": 1},
    ),
    (
        18,
        "virtual",
        "CREATE TABLE virtual (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a + 1)); INSERT INTO virtual VALUES (1, 1)",
        "UPDATE virtual SET a = 2",
        {"a": 1, "g": 1},
    ),
    (
        10,
        "types",
        """
        CREATE TYPE en AS ENUM ('a', 'b'); CREATE TYPE pair AS (x int, y text);
        CREATE TABLE types (id uuid PRIMARY KEY, j json, jb jsonb, x xml, p point, f float8, n numeric, r float4, ar text[],
            b bytea, e en, c pair, ts timestamptz, iv interval, m money, bx box, rng int4range, big text, ch char(5), bt bit(3));
        INSERT INTO types SELECT md5(g::text)::uuid, '{"a": 1}', '{"a": 1}', '<a/>', '(0.1,2)', 'NaN', 'NaN', 0.1,
            ARRAY['a', NULL, ''], 'abc', 'a', '(1,q)', '2024-01-02 03:04:05.678901+00', '1 mon 2 days', '12.34',
            '((1,1),(0,0))', '[1,5)', repeat('long', 5000), 'ab', '101' FROM generate_series(1, 3) g
        """,
        "",
        {},
    ),
    (
        10,
        "nearly",
        """
        CREATE TABLE nearly (id int PRIMARY KEY, j json, f float8, ar text[], n numeric, c text COLLATE "C", nul text);
        INSERT INTO nearly VALUES (1, '{"a": 1}', 0.0, ARRAY['NULL'], 1.0, 'a', ''), (2, '1', 'NaN', '{}', 1, 'b', NULL)
        """,
        """
        UPDATE nearly SET j = '{"a":  1}', f = '-0', ar = ARRAY[NULL], n = 1.00, nul = NULL WHERE id = 1;
        UPDATE nearly SET j = NULL, f = 0.1 + 0.2, ar = NULL, c = 'B' WHERE id = 2
        """,
        {"j": 2, "f": 2, "ar": 2, "n": 1, "c": 1, "nul": 1},
    ),
    (
        10,
        "there_and_back",
        "CREATE TABLE there_and_back (id int PRIMARY KEY, a varchar(20), b int);"
        "INSERT INTO there_and_back VALUES (1, 'short', 1), (2, 'much too long', 2)",
        "ALTER TABLE there_and_back ALTER a TYPE varchar(5) USING left(a, 5), ALTER b TYPE bigint;"
        "ALTER TABLE there_and_back ALTER a TYPE varchar(20), ALTER b TYPE int",
        {"a": 1},
    ),
    (
        10,
        "counted",
        "CREATE TABLE counted (id serial PRIMARY KEY); INSERT INTO counted VALUES (1)",
        "SELECT nextval('counted_id_seq')",
        {},
    ),
    (
        10,
        "seen",
        "CREATE MATERIALIZED VIEW seen AS SELECT * FROM value; CREATE VIEW looked AS SELECT * FROM value",
        "REFRESH MATERIALIZED VIEW seen",
        {},
    ),
    (
        10,
        "filled",
        "CREATE TABLE filled (id int PRIMARY KEY, a int); INSERT INTO filled SELECT g, nullif(g % 2, 0) FROM generate_series(1, 10) g",
        "UPDATE filled SET a = 0 WHERE a IS NULL; UPDATE filled SET a = NULL WHERE id = 1",
        {"a": 5},
    ),
    (
        10,
        "filled_bag",
        "CREATE TABLE filled_bag (a int); INSERT INTO filled_bag VALUES (1), (NULL), (NULL)",
        "UPDATE filled_bag SET a = 0 WHERE a IS NULL",
        {"a": 2},
    ),
    (
        10,
        "stored_otherwise",
        "CREATE TABLE stored_otherwise (id int PRIMARY KEY, a int, b text); INSERT INTO stored_otherwise VALUES (1, 1, 'b'), (2, 2, 'b')",
        "UPDATE stored_otherwise SET a = a; ALTER TABLE stored_otherwise DROP a; ALTER TABLE stored_otherwise ADD a int;"
        "UPDATE stored_otherwise SET a = id; CLUSTER stored_otherwise USING stored_otherwise_pkey",
        {},
    ),
]

ADDED = {("key_lost", None, 1), ("more", None, 2), ("nothing", None, 1), ("filled", "a", 5), ("filled_bag", "a", 2)}
"""Those of them by which nothing is lost."""

BOTH = {("rows", None, 2, True), ("filled", "a", 1, False)}
"""Something is lost and something is added."""


@each_major
def test_what_is_not_the_same(postgres: Server) -> None:
    changes = [change for change in CHANGES if change[0] <= postgres.version]
    with copied(postgres, [create for _, _, create, *_ in changes]) as (before, after):
        assert row_differences(before, before) == ()
        assert row_differences(before, after) == ()

        execute(after, [change for _, _, _, change, _ in changes])
        expected = {
            (name, column, rows, (name, column, rows) in ADDED)
            for _, table, *_, losses in changes
            for name in [table.replace('"', "")]
            for column, rows in losses.items()
        }
        found = row_differences(before, after)
        assert {(each.table, each.column, each.rows, each.added) for each in found} == expected | BOTH
        assert len(found) == len(expected | BOTH)

        assert row_differences(before, after, {"value", "same"}) == (
            RowDifference(table="value", column="a", rows=3),
            RowDifference(table="value", column="b", rows=1),
        )
        assert row_differences(before, after, {"part2"}) == (RowDifference(table="parted", column=None, rows=1),)
        assert row_differences(before, after, ()) == ()


@pytest.mark.parametrize("postgres", sorted({MAJORS[0], ONE}), indirect=True)  # 10 makes its hashes otherwise
def test_a_bigger_table(postgres: Server) -> None:
    schema = "CREATE TABLE t (id bigint PRIMARY KEY, a int, b text); INSERT INTO t SELECT g, g % 10, g FROM generate_series(1, 50000) g"
    with copied(postgres, [schema]) as (before, after):
        execute(after, ["UPDATE t SET b = '' WHERE a = 3", "DELETE FROM t WHERE id = 7"])
        assert row_differences(before, after) == (
            RowDifference(table="t", column=None, rows=1),
            RowDifference(table="t", column="b", rows=5000),
        )


def test_rows_that_are_not_shown_are_an_error(postgres: Server) -> None:
    schema = (
        "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO pg_monitor"
    )
    unprivileged = " options='-c role=pg_monitor'"
    with copied(postgres, [schema]) as (before, after), pytest.raises(psycopg.errors.InsufficientPrivilege):
        row_differences(before + unprivileged, after + unprivileged)
