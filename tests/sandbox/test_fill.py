import re
from collections.abc import Collection
from typing import Any

import psycopg
import pytest

from migsafe.sandbox.fill import fill
from migsafe.sandbox.fill.patterns import matching
from migsafe.sandbox.server import Server
from tests.conftest import each_major

ROWS = 200

TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s fine');
CREATE DOMAIN email AS varchar(80) CHECK (VALUE ~ '^[a-z]+@[a-z]+\\.com$');
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE DOMAIN even AS positive CHECK (VALUE % 2 = 0);
CREATE TYPE pair AS (number int, label text);
CREATE TYPE floats AS RANGE (subtype = float8);
CREATE TABLE plain (id uuid PRIMARY KEY, a smallint, b int, c bigint, d numeric, e numeric(5,2), f numeric(2,2), g real,
    h float8, i money, j oid, k "char", l name, m bytea, n date, o time, p timetz, q timestamp, r timestamptz(0),
    s interval, t interval day to second, u json, v jsonb, w inet, x cidr, y macaddr, z macaddr8, aa bit(5), ab varbit(7),
    ac tsvector, ad tsquery, ae point, af line, ag lseg, ah box, ai path, aj polygon, ak circle, al pg_lsn, am regclass,
    an xid, ao boolean, ap text, aq varchar, ar char(4), "as" varchar(1), at bit, au varbit, av tid);
CREATE TABLE made (id serial, a mood, b mood[], c email, d positive, e even, f pair, g pair[], h int4range, i numrange,
    j daterange, k tstzrange, l floats, m int[][], n varchar(3)[] NOT NULL, o tsrange, p int8range);
CREATE TABLE different (a smallint UNIQUE, b int UNIQUE, c numeric(5,2) UNIQUE, d varchar(3) UNIQUE,
    e char(2) UNIQUE NOT NULL, f date UNIQUE NOT NULL, g mood UNIQUE, h uuid UNIQUE, i jsonb UNIQUE, j int4range UNIQUE,
    k inet UNIQUE, l email UNIQUE, m int[] UNIQUE, n timestamptz UNIQUE, o interval UNIQUE, p bytea UNIQUE,
    q float8 UNIQUE, r bit(12) UNIQUE, s varchar(1) UNIQUE, t macaddr UNIQUE, u boolean UNIQUE,
    v numeric(3,0) UNIQUE NOT NULL, w even UNIQUE);
"""

CONDITIONS = """
CREATE TABLE orders (id serial PRIMARY KEY, status varchar(10) NOT NULL CHECK (status IN ('new', 'paid', 'sent')),
    net numeric(10,2) NOT NULL CHECK (net >= 0), tax numeric(10,2) NOT NULL CHECK (tax BETWEEN 0 AND 100),
    total numeric(12,2) NOT NULL, CHECK (total = net + tax), sent date, CHECK ((status = 'sent') = (sent IS NOT NULL)),
    placed timestamptz NOT NULL CHECK (placed <= now()), begins date NOT NULL, ends date NOT NULL, CHECK (begins < ends));
CREATE TABLE texts (code char(3) NOT NULL CHECK (code ~ '^[A-Z]{3}$'), long text CHECK (char_length(long) >= 30),
    exact varchar(50) NOT NULL CHECK (length(exact) = 13), upper varchar(20) NOT NULL CHECK (upper = upper(upper)),
    mail text NOT NULL CHECK (position('@' in mail) > 1), prefix text NOT NULL CHECK (prefix LIKE 'ab%z_'));
CREATE TABLE numbers (low int, high int, mid int NOT NULL CHECK (low <= mid AND mid <= high),
    share float8 CHECK (share >= 0 AND share <= 1), small smallint CHECK (small > 32000),
    big bigint NOT NULL CHECK (big > 9223372036854775000), tens int NOT NULL CHECK (tens % 10 = 0), one int, two int,
    CHECK (two > one), yes boolean NOT NULL CHECK (yes), no boolean NOT NULL CHECK (NOT no));
CREATE TABLE either (a int, b int, c int, CHECK (num_nonnulls(a, b, c) = 1), x text, y text,
    CHECK ((x IS NULL) <> (y IS NULL)), kind int NOT NULL, v int, w int,
    CHECK ((kind = 1 AND v IS NOT NULL AND w IS NULL) OR (kind = 2 AND w IS NOT NULL AND v IS NULL)),
    size int, CHECK (CASE WHEN kind = 1 THEN size > 5 ELSE size < 0 END));
CREATE TABLE documents (list jsonb NOT NULL CHECK (jsonb_typeof(list) = 'array'), entry jsonb NOT NULL CHECK (entry ? 'key'),
    two int[] NOT NULL CHECK (array_length(two, 1) = 2));
CREATE TABLE quotients (a int NOT NULL, b int NOT NULL, CHECK (a / b > 1));
"""

KEYS = """
CREATE SCHEMA "Other One";
CREATE TABLE "Other One"."Quoted Table" ("Select" serial PRIMARY KEY, "a""b" text NOT NULL, "order" int UNIQUE);
CREATE TABLE tenant (id serial PRIMARY KEY, "Other" int REFERENCES "Other One"."Quoted Table");
CREATE TABLE customer (tenant_id int NOT NULL REFERENCES tenant, id serial, PRIMARY KEY (tenant_id, id));
CREATE TABLE product (tenant_id int NOT NULL REFERENCES tenant, id serial, PRIMARY KEY (tenant_id, id));
CREATE TABLE sale (id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenant, customer_id int NOT NULL,
    product_id int, FOREIGN KEY (tenant_id, customer_id) REFERENCES customer,
    FOREIGN KEY (tenant_id, product_id) REFERENCES product DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE matched (a int, b int, FOREIGN KEY (a, b) REFERENCES customer MATCH FULL);
CREATE TABLE profile (tenant_id int PRIMARY KEY REFERENCES tenant, note text);
CREATE TABLE favourite (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenant,
    quoted int NOT NULL REFERENCES "Other One"."Quoted Table", UNIQUE (tenant_id, quoted));
CREATE TABLE node (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id int REFERENCES node,
    CHECK (parent_id <> id), next_id int UNIQUE REFERENCES node);
CREATE TABLE own_parent (id serial PRIMARY KEY, parent_id int NOT NULL REFERENCES own_parent);
CREATE TABLE team (id serial PRIMARY KEY, captain_id int);
CREATE TABLE player (id serial PRIMARY KEY, team_id int NOT NULL REFERENCES team);
ALTER TABLE team ADD FOREIGN KEY (captain_id) REFERENCES player;
CREATE TABLE hen (id serial PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE egg (id serial PRIMARY KEY, hen_id int NOT NULL REFERENCES hen DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE hen ADD FOREIGN KEY (egg_id) REFERENCES egg DEFERRABLE;
"""

OTHERS = """
CREATE EXTENSION btree_gist;
CREATE TABLE booking (room int NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE shift (a int NOT NULL, b int NOT NULL, CHECK (a < b), EXCLUDE USING gist (int4range(a, b) WITH &&));
CREATE TABLE place (at circle NOT NULL, EXCLUDE USING gist (at WITH &&) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE later (x int UNIQUE DEFERRABLE INITIALLY DEFERRED, y text UNIQUE, z boolean, UNIQUE (z, x) DEFERRABLE);
CREATE TABLE chosen (u int NOT NULL, main boolean NOT NULL, gone timestamptz);
CREATE UNIQUE INDEX ON chosen (u) WHERE main;
CREATE UNIQUE INDEX ON chosen (lower(u::text)) WHERE gone IS NULL;
CREATE TABLE spread (id bigserial, at date NOT NULL, v text) PARTITION BY RANGE (at);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE spread_2 PARTITION OF spread FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (v);
CREATE TABLE spread_2a PARTITION OF spread_2 FOR VALUES IN ('a', 'b');
CREATE TABLE spread_2n PARTITION OF spread_2 FOR VALUES IN (NULL);
CREATE TABLE base (id serial PRIMARY KEY, x int);
CREATE TABLE heir (y int) INHERITS (base);
CREATE TABLE odd (id serial, x int NOT NULL);
CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF new.x % 2 = 0 THEN RAISE 'odd only'; END IF; RETURN new; END $$;
CREATE TRIGGER odd BEFORE INSERT ON odd FOR EACH ROW EXECUTE PROCEDURE odd();
CREATE UNLOGGED TABLE quick (x int PRIMARY KEY);
CREATE RULE also AS ON INSERT TO quick DO ALSO NOTHING;
CREATE TABLE secured (id serial, t text);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE only_id (id serial PRIMARY KEY);
CREATE TABLE nothing ();
"""

SINCE = {
    11: """
CREATE TABLE hashed (id int, x int) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE listed (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE listed_1 PARTITION OF listed FOR VALUES IN (1, 2);
CREATE TABLE listed_rest PARTITION OF listed DEFAULT;
""",
    12: """
CREATE TABLE computed (a int NOT NULL, b int GENERATED ALWAYS AS (a * 2) STORED CHECK (b < 100), c jsonpath NOT NULL);
CREATE TABLE of_listed (id serial, listed_id int NOT NULL REFERENCES listed);
""",
    14: "CREATE TABLE several (a int4multirange NOT NULL, b datemultirange);",
    15: "CREATE TABLE one_null (id serial, x int, UNIQUE NULLS NOT DISTINCT (x));",
    18: """
CREATE TABLE not_stored (a int NOT NULL, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, CHECK (a < 1000));
CREATE TABLE not_enforced (x int NOT NULL CHECK (x < 0) NOT ENFORCED, y int REFERENCES only_id NOT ENFORCED);
CREATE TABLE period (id int, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
""",
}


def _query(dsn: str, query: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def _run(dsn: str, script: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(script.encode())


def _tables(dsn: str) -> Collection[str]:
    named = "CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname"
    query = f"SELECT {named} FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    return [
        name
        for (name,) in _query(
            dsn, f"{query} WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN ('public', 'Other One')"
        )
    ]


@each_major
def test_every_kind_of_table_is_filled(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    parts = [TYPES, CONDITIONS, KEYS, OTHERS, *(script for since, script in SINCE.items() if postgres.version >= since)]
    _run(dsn, "".join(parts))
    filled = fill(dsn, _tables(dsn), ROWS)
    assert {one.table: (one.rows, one.reason) for one in filled if (one.rows, one.reason) != (ROWS, None)} == {}
    assert len(filled) > 35
    partitions = _query(dsn, "SELECT tableoid::regclass::text, count(*) > 20 FROM spread GROUP BY 1 ORDER BY 1")
    assert partitions == [("spread_1", True), ("spread_2a", True), ("spread_2n", True)]


def _made(dsn: str, script: str, rows: int = ROWS) -> dict[str, tuple[int, str | None]]:
    _run(dsn, script)
    return {one.table: (one.rows, one.reason) for one in fill(dsn, _tables(dsn), rows)}


def test_what_cannot_be_filled_is_named_with_what_stopped_it(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    filled = _made(
        dsn,
        """
        CREATE TABLE never (id serial, CONSTRAINT nothing_fits CHECK (false));
        CREATE TABLE contrary (x int NOT NULL, CONSTRAINT low CHECK (x < 0), CONSTRAINT high CHECK (x > 0));
        CREATE TABLE two (yes boolean NOT NULL CONSTRAINT only_two UNIQUE);
        CREATE TABLE four (a boolean NOT NULL, b boolean NOT NULL, CONSTRAINT only_four UNIQUE (a, b));
        CREATE TABLE refers (two boolean CONSTRAINT only_two_more PRIMARY KEY REFERENCES two (yes));
        CREATE TABLE deferred (a boolean NOT NULL CONSTRAINT later UNIQUE DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE of_never (id serial, never int NOT NULL);
        ALTER TABLE never ADD UNIQUE (id);
        ALTER TABLE of_never ADD CONSTRAINT of_never_fk FOREIGN KEY (never) REFERENCES never (id);
        CREATE TABLE hen (id serial PRIMARY KEY, egg_id int NOT NULL);
        CREATE TABLE egg (id serial PRIMARY KEY, hen_id int NOT NULL CONSTRAINT first REFERENCES hen);
        ALTER TABLE hen ADD CONSTRAINT second FOREIGN KEY (egg_id) REFERENCES egg;
        CREATE TABLE unparted (id int) PARTITION BY LIST (id);
        CREATE TABLE overlapping (at int4range NOT NULL, CONSTRAINT apart EXCLUDE USING gist (at WITH &&),
            CHECK (at @> 5));
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no row for %', new.id; END $$;
        CREATE TABLE refused (id int);
        CREATE TRIGGER t BEFORE INSERT ON refused FOR EACH ROW EXECUTE FUNCTION no();
        CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TABLE skipped (id int);
        CREATE TRIGGER silent BEFORE INSERT ON skipped FOR EACH ROW EXECUTE FUNCTION skip();
        CREATE TABLE ruled (id int);
        CREATE RULE nowhere AS ON INSERT TO ruled DO INSTEAD NOTHING;
        CREATE TYPE unusable AS ENUM ();
        CREATE TABLE strange (x unusable NOT NULL);
        CREATE TABLE small (id int PRIMARY KEY CONSTRAINT few CHECK (id BETWEEN 1 AND 3));
        """,
    )
    reasons = {table: (rows, re.sub(r"\d{2,}", "…", reason or "")) for table, (rows, reason) in filled.items()}
    assert reasons == {
        "contrary": (0, 'new row for relation "contrary" violates check constraint "low"'),
        "deferred": (2, 'duplicate key value violates unique constraint "later"'),
        "egg": (0, 'foreign key "first" needs rows of hen, which has none'),
        "four": (4, 'duplicate key value violates unique constraint "only_four"'),
        "hen": (0, 'foreign key "second" needs rows of egg, which has none'),
        "never": (0, 'new row for relation "never" violates check constraint "nothing_fits"'),
        "of_never": (0, 'foreign key "of_never_fk" needs rows of never, which has none'),
        "overlapping": (1, 'conflicting key value violates exclusion constraint "apart"'),
        "refers": (2, '"only_two_more" allows one row for each that foreign key "refers_two_fkey" finds in two'),
        "refused": (0, "no row for … (PL/pgSQL function no() line 1 at RAISE)"),
        "ruled": (0, 'rule "nowhere" takes no row and says nothing'),
        "skipped": (0, 'trigger "silent" takes no row and says nothing'),
        "small": (3, 'duplicate key value violates unique constraint "small_pkey"'),
        "strange": (0, 'no value of type unusable is known for column "x"'),
        "two": (2, 'duplicate key value violates unique constraint "only_two"'),
        "unparted": (0, 'no partition of relation "unparted" found for row'),
    }


def test_triggers_that_take_for_ever_are_named(
    postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migsafe.sandbox.fill._TIMEOUT", 300)
    filled = _made(
        postgres.dsn(database),
        """
        CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN new; END $$;
        CREATE TABLE slow (id int);
        CREATE TRIGGER nap BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION nap();
        """,
    )
    assert filled == {"slow": (0, "canceling statement due to statement timeout (0.3 s for some rows)")}


def test_other_relations_are_named(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _run(dsn, "CREATE VIEW seen AS SELECT 1; CREATE TABLE empty (id serial)")
    filled = {one.table: (one.rows, one.reason) for one in fill(dsn, ["seen", "gone"], ROWS)}
    assert filled == {"gone": (0, "there is no such table"), "seen": (0, "it is a view")}
    assert _query(dsn, "SELECT count(*) FROM empty") == [(0,)]


def test_tables_that_are_needed_come_along(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _run(
        dsn,
        """
        CREATE TABLE author (id serial PRIMARY KEY);
        CREATE TABLE book (id serial PRIMARY KEY, author_id int NOT NULL REFERENCES author);
        CREATE TABLE review (id serial PRIMARY KEY, book_id int REFERENCES book);
        """,
    )
    assert [(one.table, one.rows) for one in fill(dsn, ["book"], ROWS)] == [("author", ROWS), ("book", ROWS)]
    assert _query(dsn, "SELECT count(*) FROM review") == [(0,)]


def test_tables_that_are_only_referred_to_have_fewer_rows_unless_each_may_be_referred_to_only_once(
    postgres: Server, database: str
) -> None:
    _run(
        postgres.dsn(database),
        """CREATE TABLE city (id serial PRIMARY KEY); CREATE TABLE shop (id serial PRIMARY KEY, city int REFERENCES city);
        CREATE TABLE product (id serial PRIMARY KEY); CREATE TABLE invoice (id serial PRIMARY KEY);
        CREATE TABLE item (shop int NOT NULL REFERENCES shop, invoice int UNIQUE NOT NULL REFERENCES invoice,
            product int REFERENCES product, back boolean NOT NULL, UNIQUE (product, back))""",
    )
    filled = {one.table: (one.rows, one.reason) for one in fill(postgres.dsn(database), ["item"], ROWS, referred=20)}
    few, many = (20, None), (ROWS, None)
    assert filled == {"city": few, "shop": few, "product": many, "invoice": many, "item": many}


def test_rows_of_all_rounds_are_of_one_kind(postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migsafe.sandbox.fill._MOST", 50)
    monkeypatch.setattr("migsafe.sandbox.fill.candidates._KEYS", 50)
    _run(
        postgres.dsn(database),
        """CREATE TABLE shop (id serial PRIMARY KEY, code text UNIQUE NOT NULL);
        CREATE TABLE item (id serial PRIMARY KEY, shop int REFERENCES shop, number int NOT NULL CHECK (number % 3 > 0))""",
    )
    assert _made(postgres.dsn(database), "", rows=2000) == {"item": (2000, None), "shop": (2000, None)}
    [[shops, empty]] = _query(
        postgres.dsn(database), "SELECT count(DISTINCT shop), count(*) FILTER (WHERE shop IS NULL) FROM item"
    )
    assert shops > 800
    assert 200 < empty < 400  # one of eight, and more of those that pass the CHECK


def test_edge_values_and_nulls_occur(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _made(
        dsn,
        """
        CREATE TABLE edges (id serial PRIMARY KEY, a varchar(12), b int, c numeric(5,2), d boolean, e jsonb, f date, g int[],
            h int CHECK (h >= 0), i text NOT NULL UNIQUE, j int REFERENCES edges, k varchar(9) CHECK (k IN ('x', 'y')))
        """,
    )
    nulls = ", ".join(f"count(*) FILTER (WHERE {column} IS NULL) > 3" for column in "abcdefghjk")
    assert _query(dsn, f"SELECT {nulls} FROM edges") == [(True,) * 10]
    values = """
        SELECT min(length(a)), max(length(a)), min(b), max(b), min(c), max(c), bool_or(e = '{}'), bool_or(g = '{}'),
            min(h), max(h), bool_or(i = ''), bool_or(i LIKE '%''%'), array_agg(DISTINCT k ORDER BY k) FROM edges
    """
    low, high, least, most, *others = _query(dsn, values)[0]
    assert (low, high, least, most) == (0, 12, -(2**31), 2**31 - 1)
    assert [str(other) for other in others[:2]] == ["-999.99", "999.99"]
    assert others[2:] == [True, True, 0, 2**31 - 1, True, True, ["x", "y", None]]
    assert _query(dsn, "SELECT count(DISTINCT b) > 100, count(DISTINCT j) > 10 FROM edges") == [(True, True)]


SHOP = """
    CREATE TABLE brand (id serial PRIMARY KEY, name varchar(40) UNIQUE, since date, at timestamptz, share float8);
    CREATE TABLE item (id uuid PRIMARY KEY, brand_id int REFERENCES brand, tags text[], data jsonb, price numeric(8,2));
"""


def test_the_same_seed_gives_the_same_rows(postgres: Server) -> None:
    def contents(seed: int) -> list[Any]:
        dsn = postgres.dsn(database := postgres.create_database())
        _run(dsn, SHOP)
        fill(dsn, ["item"], 50, seed=seed)
        rows = _query(dsn, "SELECT b::text FROM brand b UNION ALL SELECT i::text FROM item i ORDER BY 1")
        postgres.drop_database(database)
        return rows

    assert contents(1) == contents(1) != contents(2)


def test_choices_are_all_that_a_column_gets(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _run(dsn, "CREATE TABLE entry (status varchar(9), stars int NOT NULL, note text)")
    choices = {"entry": {"status": ["it's new", "old"], "stars": ["1", "5"], "gone": ["x"]}, "nowhere": {"x": ["y"]}}
    assert [one.rows for one in fill(dsn, ["entry"], ROWS, choices=choices)] == [ROWS]
    values = "array_agg(DISTINCT status ORDER BY status), array_agg(DISTINCT stars), count(DISTINCT note) > 50"
    assert _query(dsn, f"SELECT {values} FROM entry") == [(["it's new", "old", None], [1, 5], True)]


def test_rows_that_are_there_stay_and_count(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    _run(dsn, SHOP)
    _run(dsn, "INSERT INTO brand (id, name) VALUES (3, 'amber-7'), (70, 'mine')")  # the sequence knows nothing of it
    assert [one.rows for one in fill(dsn, ["item"], 50)] == [50, 50]
    assert _query(dsn, "SELECT name FROM brand WHERE id IN (3, 70) ORDER BY id") == [("amber-7",), ("mine",)]
    _run(dsn, "INSERT INTO brand (name) VALUES ('next')")
    assert [(one.table, one.rows, one.reason) for one in fill(dsn, ["item"], 60)] == [
        ("brand", 60, None),
        ("item", 60, None),
    ]


def test_full_tables_cost_two_queries(postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = postgres.dsn(database)
    _made(dsn, SHOP)
    queries = []
    execute = psycopg.Connection.execute

    def counted(self: psycopg.Connection[Any], *arguments: Any, **options: Any) -> Any:
        queries.append(arguments[0])
        return execute(self, *arguments, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    assert [one.rows for one in fill(dsn, ["item"], ROWS)] == [ROWS, ROWS]
    assert len(queries) == 2


def test_types_of_extensions(postgres: Server, database: str) -> None:
    filled = _made(
        postgres.dsn(database),
        """
        CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube;
        CREATE EXTENSION seg; CREATE EXTENSION isn;
        CREATE TABLE extended (a hstore NOT NULL, b citext UNIQUE, c ltree UNIQUE, d cube NOT NULL, e seg NOT NULL, f isbn);
        CREATE TABLE unknown (x isbn NOT NULL);
        """,
    )
    assert filled == {
        "extended": (ROWS, None),
        "unknown": (0, 'no value of type isbn is known for column "x"'),
    }


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-\\d{4}$",
        "^(a|bc)+x?$",
        "^[^0-9]{2,5}$",
        "^[[:alpha:]]+@[[:alnum:]]+\\.(com|org)$",
        "^\\w+( \\w+)*$",
        "b.c",
    ],
)
def test_texts_match_patterns(pattern: str, postgres: Server) -> None:
    texts = matching(pattern, 20, 30, seed=1)
    assert len(texts) == 20
    with psycopg.connect(postgres.dsn()) as connection:
        query = "SELECT text FROM unnest(%s::text[]) AS text WHERE text !~ %s OR length(text) > 30"
        assert connection.execute(query, [texts, pattern]).fetchall() == []


def test_patterns_that_python_does_not_know_have_no_texts() -> None:
    assert matching("a(?<", 5, None, seed=1) == []
