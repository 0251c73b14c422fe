"""Random statements about a schema: one function for each kind of statement, drawn by weight."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import msgspec

from migsafe.actions import ConstraintKind, Name
from migsafe.sql.catalog import Table
from tests.fuzz.schema import Nothing, Schema, written_category


class Text(msgspec.Struct, frozen=True):
    """A statement; without some of its ``parts`` it is one as well."""

    head: str
    parts: tuple[str, ...] = ()
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.head}{', '.join(self.parts)}{self.tail}"

    def smaller(self) -> Iterator["Text"]:
        for number in range(len(self.parts)):
            yield Text(self.head, self.parts[:number] + self.parts[number + 1 :], self.tail)


Maker = Callable[[Schema], Text | str]
CommandMaker = Callable[[Schema, Table], str]
_MAKERS: list[tuple[int, Maker]] = []
_COMMANDS: list[tuple[int, CommandMaker]] = []
_ALONE: list[Maker] = []


def _statement(weight: int, since: int = 10) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        _MAKERS.extend([(since, maker)] * weight)
        return maker

    return register


def _command(weight: int, since: int = 10) -> Callable[[CommandMaker], CommandMaker]:
    """A command of ALTER TABLE."""

    def register(maker: CommandMaker) -> CommandMaker:
        _COMMANDS.extend([(since, maker)] * weight)
        return maker

    return register


def _alone(maker: Maker) -> Maker:
    """What cannot run in a transaction block."""
    _ALONE.append(maker)
    return maker


def statement(schema: Schema) -> Text:
    """Any statement that the schema has something for; at times one that the version is too old for."""
    newest = 18 if schema.chance(2) else schema.postgres
    return _made(schema, [maker for since, maker in _MAKERS if since <= newest])


def alone(schema: Schema) -> Text:
    return _made(schema, [*_ALONE, _create_table])


def beginning(schema: Schema) -> Text:
    """What makes a schema."""
    others = [_partition_of, _create_index, _create_index, _create_view, _create_type, _domain, _create_function]
    return _made(schema, [*(_create_table,) * 6, *others])


def _made(schema: Schema, makers: Sequence[Maker]) -> Text:
    while True:
        with suppress(Nothing):
            made = schema.one(makers)(schema)
            return made if isinstance(made, Text) else Text(made)


# Tables


def _definition(schema: Schema, name: str, *, inline: bool = True) -> tuple[str, str]:
    """A column as it is written, and the category of its type."""
    serial = schema.chance(6)
    type_ = schema.one(("serial", "bigserial")) if serial else schema.type()
    kind = "number" if serial else written_category(type_, schema.catalog)
    words = [name, type_]
    if kind == "number" and not serial and schema.chance(6):
        words.append(f"GENERATED {schema.one(('BY DEFAULT', 'ALWAYS'))} AS IDENTITY")
    elif not serial and schema.chance(30):
        words.append(f"DEFAULT {schema.default(kind)}")
    words.append(schema.maybe("NOT NULL", 25))
    if inline and schema.chance(15):
        words.append(f"{schema.maybe('CONSTRAINT ' + schema.new('k'), 30)} CHECK ({schema.predicate([(name, kind)])})")
    if inline and schema.chance(12):
        words.append("UNIQUE")
    if inline and kind == "number" and schema.chance(15):
        words.append(_references(schema, 1))
    return " ".join(filter(None, words)), kind


def _references(schema: Schema, width: int) -> str:
    """REFERENCES something with a key of that many columns."""
    targets = [(table, key) for table in schema.tables() for key in schema.key_columns(table) if len(key) == width]
    if not targets:
        return ""
    table, key = schema.one(targets)
    columns = "" if table.primary_key and table.primary_key.columns == key else f" ({', '.join(key)})"
    actions = ("", "", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " DEFERRABLE INITIALLY DEFERRED",
               " ON UPDATE RESTRICT", " DEFERRABLE")  # fmt: skip
    return f"REFERENCES {schema.name(table.name)}{columns}{schema.one(actions)}"


@_statement(6)
def _create_table(schema: Schema) -> Text:
    kind = schema.one(("",) * 6 + ("partitioned",) * 3 + ("unlogged", "inherits", "like", "as"))
    name = schema.new("t")
    head = f"CREATE {'UNLOGGED ' if kind == 'unlogged' else ''}TABLE {name}"
    if kind == "as":
        return Text(f"{head} AS {_query(schema, name)}")
    columns: list[tuple[str, str]] = []
    parts: list[str] = []
    for _ in range(schema.number(1, 4)):
        column = schema.new_column()
        definition, category = _definition(schema, column, inline=kind != "partitioned")
        parts.append(definition)
        columns.append((column, category))
    if kind == "partitioned":
        return _partitioned(schema, name, parts, columns)
    if schema.chance(70):
        parts[0] = "a int PRIMARY KEY"
    elif schema.chance(40):
        parts.append(f"PRIMARY KEY ({columns[0][0]}, {columns[-1][0]})" if len(columns) > 1 else "UNIQUE (a)")
    if len(columns) > 1 and schema.chance(15):
        parts.append(f"CONSTRAINT {schema.new('k')} CHECK ({schema.predicate(columns)})")
    if kind == "like":
        options = ("", " INCLUDING ALL", " INCLUDING INDEXES", " INCLUDING DEFAULTS INCLUDING CONSTRAINTS")
        parts = [f"LIKE {schema.name(schema.table().name)}{schema.one(options)}"]
    tail = ")"
    if kind == "inherits":
        parents = [table for table in schema.tables("table") if table.partition_of is None]
        tail = f") INHERITS ({schema.name(schema.one(parents).name)})"
        parts = [] if schema.chance(60) else parts
    return Text(f"{head} (", tuple(parts), tail)


def _partitioned(schema: Schema, name: str, parts: list[str], columns: list[tuple[str, str]]) -> Text:
    strategy = schema.one(("RANGE", "LIST", *(("HASH",) if schema.postgres >= 11 else ())))
    parts = ["k int NOT NULL", "l int NOT NULL", *parts]
    if schema.postgres >= 11 and schema.chance(40):
        parts.append(schema.one(("PRIMARY KEY (k, l)", "UNIQUE (k, l)", "PRIMARY KEY (k)")))
    if schema.postgres >= 11 and schema.chance(25) and (references := _references(schema, 1)):
        parts.append(f"FOREIGN KEY (l) {references}")
    schema.notes[name] = (strategy, "k")
    return Text(f"CREATE TABLE {name} (", tuple(parts), f") PARTITION BY {strategy} (k)")


def _bounds(schema: Schema, parent: Table) -> str:
    strategy, _ = schema.notes.get(schema.name(parent.name), ("RANGE", "k"))
    number = len(list(schema.catalog.partitions(parent.name)))
    if strategy != "HASH" and schema.postgres >= 11 and schema.chance(20):
        return "DEFAULT"
    if strategy == "RANGE":
        return f"FOR VALUES FROM ({number * 100}) TO ({number * 100 + 100})"
    if strategy == "LIST":
        return f"FOR VALUES IN ({number * 3 + 1}, {number * 3 + 2})"
    return f"FOR VALUES WITH (MODULUS 4, REMAINDER {number % 4})"


@_statement(4)
def _partition_of(schema: Schema) -> Text:
    parent = schema.table("partitioned table")
    name = schema.new("p")
    tail = ""
    if schema.chance(15):
        strategy = schema.one(("RANGE", "LIST"))
        tail = f" PARTITION BY {strategy} (l)"
        schema.notes[name] = (strategy, "l")
    return Text(f"CREATE TABLE {name} PARTITION OF {schema.name(parent.name)} {_bounds(schema, parent)}{tail}")


@_statement(3)
def _attach(schema: Schema) -> str:
    parent = schema.table("partitioned table")
    tables = [
        t for t in schema.tables() if t.parents == () and t is not parent and set(t.columns) == set(parent.columns)
    ]
    if not tables or schema.chance(30):
        return f"CREATE TABLE {schema.new('p')} (LIKE {schema.name(parent.name)}{schema.maybe(' INCLUDING ALL', 30)})"
    child = schema.one(tables)
    if schema.chance(25):
        return f"ALTER TABLE {schema.name(child.name)} ADD CHECK (k >= 0 AND k < 1000)"
    return (
        f"ALTER TABLE {schema.name(parent.name)} ATTACH PARTITION {schema.name(child.name)} {_bounds(schema, parent)}"
    )


@_statement(2)
def _detach(schema: Schema) -> str:
    child = schema.one(table for table in schema.tables() if table.partition_of is not None)
    assert child.partition_of is not None
    return f"ALTER TABLE {schema.name(child.partition_of)} DETACH PARTITION {schema.name(child.name)}"


@_statement(2)
def _drop_table(schema: Schema) -> Text:
    tables = tuple(schema.name(table.name) for table in schema.some(schema.tables()))
    return Text(f"DROP TABLE {schema.maybe('IF EXISTS ')}", tables, schema.maybe(" CASCADE", 50))


@_statement(2)
def _truncate(schema: Schema) -> Text:
    tables = tuple(schema.name(table.name) for table in schema.some(schema.tables()))
    return Text("TRUNCATE ", tables, schema.one(("", " CASCADE", " CASCADE", " RESTART IDENTITY")))


@_statement(2)
def _rename(schema: Schema) -> str:
    table = schema.table_with_columns()
    name = schema.name(table.name)
    what = schema.one(("table", "column", "column", "constraint"))
    if what == "table":
        new = schema.new("t")
        schema.notes[new] = schema.notes.get(name, ("RANGE", "k"))
        return f"ALTER TABLE {name} RENAME TO {new}"
    if what == "column":
        return f"ALTER TABLE {name} RENAME COLUMN {schema.column(table)} TO {schema.new_column(table)}"
    return f"ALTER TABLE {name} RENAME CONSTRAINT {schema.one(table.constraints)} TO {schema.new('k')}"


@_statement(1)
def _schemas(schema: Schema) -> str:
    if "s" not in schema.catalog.schemas:
        return "CREATE SCHEMA s"
    if schema.chance(15):
        return "DROP SCHEMA s CASCADE"
    return f"ALTER TABLE {schema.name(schema.table().name)} SET SCHEMA s"


@_statement(1)
def _create_statistics(schema: Schema) -> str:
    table = schema.table_with_columns()
    columns = [column.name for column in schema.columns(table, "number", "text", "moment")]
    if len(columns) < 2:
        raise Nothing
    return f"CREATE STATISTICS {schema.new('q')} ON {columns[0]}, {columns[1]} FROM {schema.name(table.name)}"


# ALTER TABLE


@_statement(34)
def _alter_table(schema: Schema) -> Text:
    table = schema.table_with_columns()
    makers = [maker for since, maker in _COMMANDS if since <= schema.postgres]
    parts = []
    for _ in range(schema.one((1, 1, 1, 2, 3))):
        maker = schema.one(makers)
        with suppress(Nothing):
            parts.append(maker(schema, table))
            if maker is _add_key:
                # Until 12, two keys on the same columns became one index: which names win is not followed.
                makers = [other for other in makers if other is not _add_key]
    if not parts:
        raise Nothing
    only = "ONLY " if next(schema.catalog.partitions(table.name), None) is not None and schema.chance(15) else ""
    return Text(f"ALTER TABLE {schema.maybe('IF EXISTS ', 4)}{only}{schema.name(table.name)} ", tuple(parts))


@_command(12)
def _add_column(schema: Schema, table: Table) -> str:
    inline = table.kind == "table"
    definition, _ = _definition(schema, schema.new_column(table), inline=inline)
    return f"ADD COLUMN {schema.maybe('IF NOT EXISTS ', 5)}{definition}"


@_command(2, since=12)
def _add_generated(schema: Schema, table: Table) -> str:
    kind = schema.one(("STORED", "VIRTUAL") if schema.postgres >= 18 else ("STORED",))
    source = schema.one(column for column in schema.columns(table, "number") if column.generated is None)
    name = schema.new_column(table)
    return f"ADD COLUMN {name} int GENERATED ALWAYS AS ({source.name} + 1) {kind}{schema.maybe(' NOT NULL')}"


@_command(6)
def _drop_column(schema: Schema, table: Table) -> str:
    exists = schema.maybe("IF EXISTS ", 5)
    return f"DROP COLUMN {exists}{schema.column(table)}{schema.maybe(' CASCADE', 40)}"


@_command(5)
def _set_not_null(schema: Schema, table: Table) -> str:
    return f"ALTER {schema.column(table)} SET NOT NULL"


@_command(2)
def _drop_not_null(schema: Schema, table: Table) -> str:
    return f"ALTER {schema.one(c for c in schema.columns(table) if c.not_null).name} DROP NOT NULL"


@_command(3)
def _default(schema: Schema, table: Table) -> str:
    column = schema.one(column for column in schema.columns(table) if column.generated is None)
    if column.default is not None and schema.chance(50):
        return f"ALTER {column.name} DROP DEFAULT"
    return f"ALTER {column.name} SET DEFAULT {schema.default(schema.category(column))}"


@_command(12)
def _type(schema: Schema, table: Table) -> str:
    column = schema.one(column for column in schema.columns(table) if column.name not in ("k", "l"))
    new, using = schema.other_type(column)
    collation = schema.one(("", "", "", ' COLLATE "C"')) if schema.category(column) == "text" else ""
    return f"ALTER {column.name} TYPE {new}{collation}{using}"


@_command(1)
def _statistics(schema: Schema, table: Table) -> str:
    column = schema.column(table)
    return f"ALTER {column} {schema.one(('SET STATISTICS 100', 'SET (n_distinct = 5)', 'RESET (n_distinct)'))}"


@_command(1)
def _storage(schema: Schema, table: Table) -> str:
    return f"ALTER {schema.column(table, 'text', 'jsonb', 'array')} SET STORAGE {schema.one(('EXTERNAL', 'MAIN'))}"


@_command(1, since=14)
def _compression(schema: Schema, table: Table) -> str:
    return f"ALTER {schema.column(table, 'text', 'jsonb', 'array')} SET COMPRESSION pglz"


@_command(2)
def _identity(schema: Schema, table: Table) -> str:
    column = schema.one(schema.columns(table, "number"))
    if column.identity is None:
        return f"ALTER {column.name} ADD GENERATED {schema.one(('BY DEFAULT', 'ALWAYS'))} AS IDENTITY"
    return f"ALTER {column.name} {schema.one(('SET GENERATED ALWAYS', 'DROP IDENTITY', 'RESTART', 'SET START 7'))}"


@_command(1, since=13)
def _drop_expression(schema: Schema, table: Table) -> str:
    return f"ALTER {schema.one(c for c in schema.columns(table) if c.generated == 'stored').name} DROP EXPRESSION"


@_command(2, since=17)
def _set_expression(schema: Schema, table: Table) -> str:
    column = schema.one(column for column in schema.columns(table) if column.generated is not None)
    source = schema.one(each for each in schema.columns(table, "number") if each.generated is None)
    return f"ALTER {column.name} SET EXPRESSION AS ({source.name} * 2)"


def _named(schema: Schema) -> str:
    return schema.maybe(f"CONSTRAINT {schema.new('k')} ", 70)


@_command(5)
def _add_check(schema: Schema, table: Table) -> str:
    forms = ["", "", " NOT VALID", " NO INHERIT", *([" NOT ENFORCED"] if schema.postgres >= 18 else [])]
    return f"ADD {_named(schema)}CHECK ({schema.condition(table)}){schema.one(forms)}"


@_command(7)
def _add_foreign_key(schema: Schema, table: Table) -> str:
    width = schema.one((1, 1, 1, 2))
    columns = [column.name for column in schema.columns(table, "number")]
    chosen = [schema.column(table, "number")] if width == 1 else columns[:2]
    references = _references(schema, width)
    if len(chosen) < width or not references:
        raise Nothing
    forms = ["", "", " NOT VALID", *([" NOT ENFORCED"] if schema.postgres >= 18 else [])]
    return f"ADD {_named(schema)}FOREIGN KEY ({', '.join(chosen)}) {references}{schema.one(forms)}"


@_command(5)
def _add_key(schema: Schema, table: Table) -> str:
    kind = schema.one(("UNIQUE", "UNIQUE", *(() if table.primary_key else ("PRIMARY KEY",))))
    columns = [column.name for column in schema.some(schema.columns(table, "number", "text", "moment", "uuid"))]
    if table.kind == "partitioned table" or table.partition_of:
        columns = list(dict.fromkeys([*(name for name in ("k", "l") if name in table.columns), *columns]))
    nulls = " NULLS NOT DISTINCT" if kind == "UNIQUE" and schema.postgres >= 15 and schema.chance(10) else ""
    more = ""
    if schema.postgres >= 11 and schema.chance(10):
        more = f" INCLUDE ({schema.column(table)})"
    return f"ADD {_named(schema)}{kind}{nulls} ({', '.join(columns)}){more}{schema.maybe(' DEFERRABLE', 10)}"


@_command(1)
def _add_exclude(schema: Schema, table: Table) -> str:
    column = schema.column(table, "number", "text", "moment")
    where = f" WHERE ({schema.condition(table)})" if schema.chance(30) else ""
    return f"ADD {_named(schema)}EXCLUDE USING btree ({column} WITH =){where}"


@_command(3)
def _add_using_index(schema: Schema, table: Table) -> str:
    found = [
        index
        for index in schema.catalog.indexes(table.name)
        if index.unique and index.constraint is None and index.where is None and None not in index.columns
    ]
    kind = schema.one(("UNIQUE", *(() if table.primary_key else ("PRIMARY KEY",))))
    return f"ADD {_named(schema)}{kind} USING INDEX {schema.one(found).name.name}"


@_command(2, since=18)
def _add_not_null(schema: Schema, table: Table) -> str:
    return f"ADD CONSTRAINT {schema.new('k')} NOT NULL {schema.column(table)}{schema.maybe(' NOT VALID', 60)}"


@_command(4)
def _validate(schema: Schema, table: Table) -> str:
    invalid = [each.name for each in table.constraints.values() if not each.valid and each.name]
    return f"VALIDATE CONSTRAINT {schema.one(invalid)}"


@_command(5)
def _drop_constraint(schema: Schema, table: Table) -> str:
    exists = schema.maybe("IF EXISTS ", 8)
    return f"DROP CONSTRAINT {exists}{schema.one(table.constraints)}{schema.maybe(' CASCADE', 40)}"


@_command(1)
def _alter_constraint(schema: Schema, table: Table) -> str:
    key = schema.one(schema.constraints(table, ConstraintKind.FOREIGN_KEY))
    forms = ["DEFERRABLE INITIALLY DEFERRED", "NOT DEFERRABLE"]
    if schema.postgres >= 18:
        forms += ["NOT ENFORCED", "ENFORCED"]
    return f"ALTER CONSTRAINT {key.name} {schema.one(forms)}"


@_command(2)
def _parameters(schema: Schema, table: Table) -> str:
    forms = ("SET (fillfactor = 70)", "SET (autovacuum_enabled = false)", "RESET (fillfactor)", "SET WITHOUT CLUSTER",
             "SET (user_catalog_table = true)", "SET (parallel_workers = 2, fillfactor = 50)",
             "SET (toast.autovacuum_enabled = false)")  # fmt: skip
    return schema.one(forms)


@_command(3)
def _whole_table(schema: Schema, table: Table) -> str:
    forms = ["SET UNLOGGED", "SET LOGGED", "REPLICA IDENTITY FULL", "ENABLE ROW LEVEL SECURITY", "OWNER TO pg_monitor",
             "FORCE ROW LEVEL SECURITY", "SET TABLESPACE pg_default", "DISABLE TRIGGER USER", "ENABLE TRIGGER ALL",
             "SET WITHOUT OIDS", "REPLICA IDENTITY DEFAULT", "NO FORCE ROW LEVEL SECURITY"]  # fmt: skip
    if schema.postgres >= 15:
        forms.append("SET ACCESS METHOD heap")
    return schema.one(forms)


@_command(1)
def _by_index(schema: Schema, table: Table) -> str:
    return f"REPLICA IDENTITY USING INDEX {schema.one(schema.catalog.indexes(table.name)).name.name}"


@_command(1)
def _cluster_on(schema: Schema, table: Table) -> str:
    return f"CLUSTER ON {schema.one(schema.catalog.indexes(table.name)).name.name}"


@_command(1)
def _named_trigger(schema: Schema, table: Table) -> str:
    return f"{schema.one(('DISABLE', 'ENABLE', 'ENABLE ALWAYS'))} TRIGGER {schema.one(sorted(table.triggers))}"


@_statement(1)
def _inherit(schema: Schema) -> str:
    children = [table for table in schema.tables("table") if table.inherits]
    if children and schema.chance(60):
        child = schema.one(children)
        return f"ALTER TABLE {schema.name(child.name)} NO INHERIT {schema.name(schema.one(child.inherits))}"
    parent = schema.one(table for table in schema.tables("table") if table.columns and table.partition_of is None)
    child = schema.one(
        table
        for table in schema.tables("table")
        if table is not parent and table.partition_of is None and parent.columns.keys() <= table.columns.keys()
    )
    return f"ALTER TABLE {schema.name(child.name)} INHERIT {schema.name(parent.name)}"


# Indexes


@_statement(8)
def _create_index(schema: Schema) -> Text:
    return _index(schema, "")


def _index(schema: Schema, concurrently: str) -> Text:
    views = [view for view in schema.tables("materialized view") if schema.name(view.name) in schema.notes]
    relation = schema.one([table for table in schema.tables() if table.columns] * 3 + views)
    name = schema.name(relation.name)
    if relation in views:
        column = schema.one(schema.notes[name])
        return Text(
            f"CREATE {schema.maybe('UNIQUE ', 70)}INDEX {concurrently}{schema.new('i')} ON {name} (", (column,), ")"
        )
    columns = schema.columns(relation, "number", "text", "moment", "uuid", "bool", "address", "time", "interval")
    chosen = [column.name for column in schema.some(columns)]
    unique = schema.maybe("UNIQUE ", 25)
    parts = [f"{column}{schema.one(('', '', '', ' DESC', ' NULLS FIRST'))}" for column in chosen]
    if texts := schema.columns(relation, "text"):
        parts += [schema.maybe(f"lower({schema.one(texts).name})")]
    if relation.kind == "partitioned table" and unique:
        parts = list(dict.fromkeys(["k", "l", *chosen]))
    tail = ")"
    if schema.postgres >= 11 and schema.chance(10):
        tail += f" INCLUDE ({schema.column(relation)})"
    if schema.chance(15):
        tail += f" WHERE {schema.condition(relation)}"
    using = ""
    if not unique and schema.chance(12):
        using, parts, tail = f" USING {schema.one(('hash', 'brin'))}", [chosen[0]], ")"
    only = "ONLY " if relation.kind == "partitioned table" and schema.chance(25) else ""
    exists = "IF NOT EXISTS " if schema.chance(6) else ""
    new = schema.new("i") if exists or schema.chance(70) else ""
    return Text(
        f"CREATE {unique}INDEX {concurrently}{exists}{new}{' ' * bool(new)}ON {only}{name}{using} (",
        tuple(filter(None, parts)),
        tail,
    )


@_statement(3)
def _drop_index(schema: Schema) -> str:
    free = [index for index in schema.indexes() if index.constraint is None and index.parent is None]
    name = schema.name(schema.one(free).name)
    return f"DROP INDEX {schema.maybe('IF EXISTS ')}{name}{schema.maybe(' CASCADE', 20)}"


@_statement(3)
def _alter_index(schema: Schema) -> str:
    index = schema.index()
    name = schema.name(index.name)
    forms = [f"RENAME TO {schema.new('i')}", "SET (fillfactor = 70)", "RESET (fillfactor)", "SET TABLESPACE pg_default"]
    if index.method != "btree":
        forms = forms[:1]
    return f"ALTER INDEX {schema.maybe('IF EXISTS ', 8)}{name} {schema.one(forms)}"


@_statement(1)
def _attach_index(schema: Schema) -> str:
    index = schema.one(index for index in schema.indexes() if not index.valid)
    child = schema.one(
        other
        for part in schema.catalog.partitions(index.relation)
        for other in schema.catalog.indexes(part.name)
        if other.columns == index.columns and other.parent is None
    )
    return f"ALTER INDEX {schema.name(index.name)} ATTACH PARTITION {schema.name(child.name)}"


@_statement(2)
def _reindex(schema: Schema) -> str:
    if schema.chance(50):
        return f"REINDEX INDEX {schema.name(schema.index().name)}"
    return f"REINDEX TABLE {schema.name(schema.table('table', 'materialized view').name)}"


# Views


def _query(schema: Schema, name: str) -> str:
    """A query of tables and views; what its columns are is noted."""
    relation = schema.one(
        table
        for table in schema.tables("table", "partitioned table", "view", "materialized view")
        if table.columns or schema.name(table.name) in schema.notes
    )
    source = schema.name(relation.name)
    columns = schema.some(relation.columns or schema.notes[source], most=3)
    schema.notes[name] = tuple(columns)
    listed = ", ".join(f"x.{column}" for column in columns)
    query = f"SELECT {listed} FROM {source} x"
    if schema.chance(20):
        # A column of the same name would be taken to be read.
        others = [table for table in schema.tables() if table.columns.keys().isdisjoint(columns)]
        query += f" UNION ALL SELECT {', '.join(['NULL'] * len(columns))} FROM {schema.name(schema.one(others).name)}"
    elif relation.kind == "table" and schema.chance(20):
        query += f" WHERE x.{columns[0]} IS NOT NULL"
    return query


@_statement(3)
def _create_view(schema: Schema) -> str:
    name = schema.new("v")
    if schema.chance(50):
        return f"CREATE MATERIALIZED VIEW {name} AS {_query(schema, name)}{schema.maybe(' WITH NO DATA')}"
    return f"CREATE {schema.maybe('OR REPLACE ')}VIEW {name} AS {_query(schema, name)}"


@_statement(1)
def _drop_view(schema: Schema) -> str:
    view = schema.table("view", "materialized view")
    return (
        f"DROP {view.kind.upper()} {schema.maybe('IF EXISTS ')}{schema.name(view.name)}{schema.maybe(' CASCADE', 50)}"
    )


@_statement(1)
def _alter_view(schema: Schema) -> str:
    view = schema.table("view", "materialized view")
    name = schema.name(view.name)
    new = schema.new("v")
    schema.notes[new] = schema.notes.get(name, ())
    return f"ALTER {view.kind.upper()} {name} {schema.one((f'RENAME TO {new}', 'OWNER TO pg_monitor'))}"


@_statement(2)
def _refresh(schema: Schema) -> str:
    view = schema.table("materialized view")
    unique = any(index.unique and index.where is None for index in schema.catalog.indexes(view.name))
    concurrently = "CONCURRENTLY " if unique and schema.chance(40) else ""
    return f"REFRESH MATERIALIZED VIEW {concurrently}{schema.name(view.name)}{schema.maybe(' WITH NO DATA', 10)}"


# Types, functions, sequences


@_statement(2)
def _create_type(schema: Schema) -> str:
    forms = ("ENUM ('a', 'b')", "(x int, y text)")
    return f"CREATE TYPE {schema.new('e')} AS {schema.one(forms)}"


@_statement(2)
def _domain(schema: Schema) -> str:
    bases = ("int", "text", "int", *(schema.name(each.name) for each in schema.catalog.types.values() if each.base))
    base = schema.one(bases)
    kind = written_category(base, schema.catalog)
    checked = f" CHECK ({schema.predicate([('value', kind)])})"
    default = f" DEFAULT {schema.default(kind)}" if schema.chance(20) else ""
    return (
        f"CREATE DOMAIN {schema.new('d')} AS {base}{default}{schema.maybe(' NOT NULL', 8)}{schema.maybe(checked, 50)}"
    )


@_statement(4)
def _alter_type(schema: Schema) -> str:
    made = schema.one(sorted(schema.catalog.types.values(), key=lambda each: each.name))
    name = schema.name(made.name)
    if schema.chance(10):
        return f"DROP {'DOMAIN' if made.kind == 'domain' else 'TYPE'} {name}{schema.maybe(' CASCADE', 70)}"
    if made.kind == "enum":
        change = schema.one(("ADD VALUE '{}'", "RENAME VALUE 'a' TO '{}'")).format(schema.new("x"))
        return f"ALTER TYPE {name} {change}"
    if made.kind == "composite":
        return f"ALTER TYPE {name} ADD ATTRIBUTE {schema.new('y')} int"
    if made.base is None:
        raise Nothing
    kind = written_category(name, schema.catalog)
    check = f"ADD CONSTRAINT {schema.new('k')} CHECK ({schema.predicate([('value', kind)])})"
    forms = [check, check, f"{check} NOT VALID", "SET NOT NULL", "DROP NOT NULL", f"SET DEFAULT {schema.default(kind)}",
             "DROP DEFAULT", *(f"{change} CONSTRAINT {constraint}" for constraint in made.constraints
             for change in ("VALIDATE", "DROP")), f"RENAME TO {schema.new('d')}"]  # fmt: skip
    return f"ALTER DOMAIN {name} {schema.one(forms)}"


@_statement(1)
def _create_function(schema: Schema) -> str:
    volatility = schema.one(("IMMUTABLE", "STABLE", "VOLATILE"))
    name = {"IMMUTABLE": "pure", "STABLE": "steady", "VOLATILE": "mutable"}[volatility]
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS int LANGUAGE sql {volatility} AS 'SELECT 1'"


@_statement(2)
def _sequence(schema: Schema) -> str:
    sequences = [schema.name(name) for name in sorted(schema.catalog.sequences)]
    if not sequences or schema.chance(30):
        return f"CREATE SEQUENCE {schema.new('q')}{_owned_by(schema) if schema.chance(30) else ''}"
    sequence = schema.one(sequences)
    forms = (f"ALTER SEQUENCE {sequence}{_owned_by(schema)}", f"ALTER SEQUENCE {sequence} OWNED BY NONE",
             f"ALTER SEQUENCE {sequence} RESTART", f"DROP SEQUENCE {sequence} CASCADE", f"DROP SEQUENCE {sequence}",
             f"ALTER SEQUENCE {sequence} RENAME TO {schema.new('q')}", f"ALTER SEQUENCE {sequence} INCREMENT 2",
             f"SELECT setval('{sequence}', 5)")  # fmt: skip
    return schema.one(forms)


def _owned_by(schema: Schema) -> str:
    table = schema.table_with_columns()
    return f" OWNED BY {schema.name(table.name)}.{schema.column(table)}"


# Triggers, rules, policies, comments, privileges


@_statement(3)
def _trigger(schema: Schema) -> str:
    table = schema.table()
    name = schema.name(table.name)
    if table.triggers and schema.chance(60):
        trigger = schema.one(sorted(table.triggers))
        forms = (f"DROP TRIGGER {schema.maybe('IF EXISTS ')}{trigger} ON {name}",
                 f"ALTER TRIGGER {trigger} ON {name} RENAME TO {schema.new('g')}",
                 f"COMMENT ON TRIGGER {trigger} ON {name} IS 'x'")  # fmt: skip
        return schema.one(forms)
    if schema.catalog.function(Name("fired")) is None:
        return "CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'"
    when = schema.one(("BEFORE INSERT", "AFTER INSERT OR UPDATE", "AFTER DELETE"))
    if table.kind == "partitioned table":
        when = "AFTER INSERT"
    constraint = schema.maybe("CONSTRAINT ") if when.startswith("AFTER") else ""
    each = "STATEMENT" if not constraint and schema.chance(30) else "ROW"
    return f"CREATE {constraint}TRIGGER {schema.new('g')} {when} ON {name} FOR EACH {each} EXECUTE PROCEDURE fired()"


@_statement(1)
def _policy(schema: Schema) -> str:
    name = schema.name(schema.table().name)
    forms = (f"CREATE POLICY {schema.new('y')} ON {name} USING (true)",
             f"CREATE RULE {schema.new('y')} AS ON DELETE TO {name} DO INSTEAD NOTHING")  # fmt: skip
    return schema.one(forms)


@_statement(2)
def _comment(schema: Schema) -> str:
    table = schema.table_with_columns()
    name = schema.name(table.name)
    forms = [f"TABLE {name}", f"COLUMN {name}.{schema.column(table)}"]
    forms += [f"INDEX {schema.name(index.name)}" for index in schema.catalog.indexes(table.name)]
    forms += [f"CONSTRAINT {constraint} ON {name}" for constraint in table.constraints]
    forms += [f"{view.kind.upper()} {schema.name(view.name)}" for view in schema.tables("view", "materialized view")]
    return f"COMMENT ON {schema.one(forms)} IS 'x'"


@_statement(1)
def _grant(schema: Schema) -> str:
    table = schema.table_with_columns()
    rights = ("SELECT", f"UPDATE ({schema.column(table)})", "ALL")
    form = schema.one(("GRANT {} ON {} TO PUBLIC", "REVOKE {} ON {} FROM PUBLIC"))
    return form.format(schema.one(rights), schema.name(table.name))


# Data


@_statement(6)
def _dml(schema: Schema) -> str:
    table = schema.table_with_columns()
    name = schema.name(table.name)
    column = schema.one(column for column in table.columns.values() if column.generated is None)
    value = schema.default(schema.category(column))
    where = schema.one(("", f" WHERE {column.name} IS NULL", f" WHERE {schema.condition(table)}"))
    forms = (
        f"UPDATE {name} SET {column.name} = {value}{where}",
        f"DELETE FROM {name}{where}",
        f"INSERT INTO {name} ({column.name}) VALUES ({value})",
        f"SELECT count(*) FROM {name}",
        f"SELECT * FROM {name} {schema.one(('FOR UPDATE', 'FOR SHARE', 'FOR NO KEY UPDATE'))}",
        f"INSERT INTO {name} ({column.name}) SELECT {column.name} FROM {name}{where}",
        f"UPDATE {name} SET {column.name} = {column.name} FROM {schema.name(schema.table().name)} y",
    )  # fmt: skip
    return schema.one(forms)


@_statement(1)
def _lock(schema: Schema) -> Text:
    relations = tuple(schema.name(each.name) for each in schema.some(schema.tables()))
    modes = ("ACCESS EXCLUSIVE", "SHARE", "ACCESS SHARE", "SHARE ROW EXCLUSIVE", "ROW EXCLUSIVE", "EXCLUSIVE")
    return Text(f"LOCK TABLE {schema.maybe('ONLY ', 10)}", relations, f" IN {schema.one(modes)} MODE")


@_statement(1)
def _analyze(schema: Schema) -> str:
    table = schema.table_with_columns()
    name = schema.name(table.name)

    forms = [f"ANALYZE {name}", f"ANALYZE {name} ({schema.column(table)})"]
    if table.kind == "table":
        forms += [f"CLUSTER {name} USING {index.name.name}" for index in schema.catalog.indexes(table.name)
                  if index.method == "btree" and index.where is None]  # fmt: skip
    return schema.one(forms)


@_statement(1)
def _session(schema: Schema) -> str:
    forms = ("SET LOCAL lock_timeout = '2s'", "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED",
             "SET LOCAL statement_timeout = 60000", "RESET lock_timeout", "SELECT 1")  # fmt: skip
    return schema.one(forms)


@_statement(2)
def _block(schema: Schema) -> str:
    """A DO block of statements, some of them as text for EXECUTE."""
    makers = (_alter_table, _create_index, _alter_table, _dml, _comment)
    bodies = []
    for _ in range(schema.number(1, 2)):
        body = str(schema.one(makers)(schema))
        if body.startswith("SELECT"):
            raise Nothing
        bodies.append(f"EXECUTE $q${body}$q$;" if schema.chance(40) else f"{body};")
    return f"DO $$ BEGIN {' '.join(bodies)} END $$"


# Outside of transactions


@_alone
def _create_index_concurrently(schema: Schema) -> Text:
    return _index(schema, "CONCURRENTLY ")


@_alone
def _drop_index_concurrently(schema: Schema) -> str:
    free = [index for index in schema.indexes() if index.constraint is None and index.parent is None]
    return f"DROP INDEX CONCURRENTLY {schema.maybe('IF EXISTS ')}{schema.name(schema.one(free).name)}"


@_alone
def _reindex_concurrently(schema: Schema) -> str:
    if schema.chance(50):
        return f"REINDEX INDEX CONCURRENTLY {schema.name(schema.index().name)}"
    return f"REINDEX TABLE CONCURRENTLY {schema.name(schema.table().name)}"


@_alone
def _detach_concurrently(schema: Schema) -> str:
    return f"{_detach(schema)} CONCURRENTLY"


@_alone
def _vacuum(schema: Schema) -> str:
    return f"VACUUM {schema.maybe('FULL ', 40)}{schema.name(schema.table().name)}"
