"""Small schemas with rows, in which probes run."""

TABLE = """
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), c int);
INSERT INTO t SELECT g, g, g, g FROM generate_series(1, 50) g;
CREATE INDEX t_a ON t (a);
"""
PARENT = """
CREATE TABLE p (id int PRIMARY KEY, n int);
INSERT INTO p SELECT g, g FROM generate_series(1, 50) g;
"""
FOREIGN_KEY = TABLE + PARENT + "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p; ANALYZE;"
LARGE_FOREIGN_KEY = FOREIGN_KEY.replace(" 50", " 5000")
EMPTY = "CREATE TABLE t (id int, a int); CREATE INDEX t_a ON t (a);"
DOMAIN = "CREATE DOMAIN d AS int CHECK (value > 0);"
DEFAULTS = """
CREATE DOMAIN fixed AS int DEFAULT 3; CREATE DOMAIN over_fixed AS fixed;
CREATE DOMAIN clock AS timestamptz DEFAULT now(); CREATE DOMAIN dice AS float DEFAULT random();
"""
SQL_FUNCTION = "CREATE FUNCTION clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()';"
USED_DOMAIN = DOMAIN + "CREATE TABLE t (a d, b int); INSERT INTO t SELECT g FROM generate_series(1, 50) g;"
ENUM = "CREATE TYPE e AS ENUM ('a', 'b');"
TRIGGER = (
    TABLE + "CREATE TRIGGER tg BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE suppress_redundant_updates_trigger();"
)
TRIGGER_FUNCTION = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';"
FUNCTION = "CREATE FUNCTION g(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select $1';"
STATISTICS = TABLE + "CREATE STATISTICS s ON a, b FROM t;"
REPLACED = TABLE + PARENT + "CREATE RULE r AS ON UPDATE TO t DO INSTEAD UPDATE p SET n = new.c;"
VIEWS = TABLE + (
    "CREATE VIEW v AS SELECT id FROM t;"
    "CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE UNIQUE INDEX m_id ON m (id);"
)
PARTITIONED = """
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE p (k int NOT NULL, id int NOT NULL);
INSERT INTO t SELECT g, g FROM generate_series(1, 50) g;
INSERT INTO p SELECT g + 200, g FROM generate_series(1, 50) g;
"""
DEFAULT_PARTITION = PARTITIONED + "CREATE TABLE td PARTITION OF t DEFAULT; INSERT INTO t VALUES (500, 500);"

PARTITIONED_FOREIGN_KEY = (
    PARTITIONED
    + "CREATE TABLE q (id int PRIMARY KEY); INSERT INTO q SELECT g FROM generate_series(1, 50) g;"
    + "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES q; ANALYZE;"
)
BOTH_PARTITIONED = PARTITIONED + (
    "CREATE TABLE q (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE q1 PARTITION OF q DEFAULT;"
    "INSERT INTO q SELECT g FROM generate_series(1, 50) g; ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES q; ANALYZE;"
)
PARTITIONED_REFERENCED = PARTITIONED + (
    "ALTER TABLE t ADD UNIQUE (k); CREATE TABLE r (k int REFERENCES t (k)); CREATE TABLE t2 PARTITION OF t"
    " FOR VALUES FROM (100) TO (200); INSERT INTO t VALUES (150, 150); INSERT INTO r VALUES (150); ANALYZE;"
)
SUBPARTITIONED = """
CREATE TABLE t (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
CREATE TABLE t11 PARTITION OF t1 FOR VALUES FROM (0) TO (100);
INSERT INTO t SELECT g, g FROM generate_series(1, 50) g;
"""
INHERITED = """
CREATE TABLE t (id int, a int);
CREATE TABLE c () INHERITS (t);
INSERT INTO t SELECT g, g FROM generate_series(1, 25) g;
INSERT INTO c SELECT g, g FROM generate_series(26, 50) g;
"""
TYPED = TABLE.replace("id int PRIMARY KEY, a int, b varchar(20), c int", "id int, a int, b varchar(20), c int") + (
    "CREATE TYPE ty AS (id int, a int, b varchar(20), c int); CREATE TABLE o OF ty;"
)

SLOW = """
CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'begin perform pg_sleep(0.02); return $1; end';
"""
SLOW_INDEX = (
    SLOW
    + """
CREATE TABLE t (id int, a int);
INSERT INTO t SELECT g, g FROM generate_series(1, 3) g;
CREATE INDEX t_a ON t (a);
CREATE INDEX t_slow ON t (slow(a));
"""
)
SLOW_PARTITION = (
    SLOW
    + """
CREATE TABLE t (a int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100);
INSERT INTO t SELECT g FROM generate_series(1, 3) g;
CREATE INDEX t1_slow ON t1 (slow(a));
"""
)
