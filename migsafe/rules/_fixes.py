"""The shapes of code that fixes are written in: Markdown with fenced Python and SQL."""

import json
import textwrap
from collections.abc import Sequence

from msgspec.structs import replace
from sqlparse import lexer
from sqlparse.tokens import Keyword

from migsafe.actions import Action, CreateIndex, IndexKey, Name
from migsafe.applied import Key
from migsafe.rules._context import Context, MigrationContext
from migsafe.sql.layout import layout
from migsafe.sql.parse import parse

GIVE_UP = "SET LOCAL lock_timeout = '2s'"
"""What keeps a statement that waits for a lock from having everybody wait behind it."""

WIDTH = 50
"""Characters of SQL on a line: with the code around it that makes less than 80."""


def later(context: MigrationContext) -> list[str]:
    """The way out for what breaks old code, if markers say when migrations run."""
    if context.migration.stage in (None, "after"):
        return []
    return [
        "Mark it to run after the deploy (`Stage.POST_DEPLOY` of syzygy, `Safe.after_deploy()` of safemigrate): no"
        " running code asks for it then. Or:"
    ]


def quoted(name: Name | str) -> str:
    """A name as an SQL identifier, quoted the way Django does."""
    if isinstance(name, str):
        name = Name(name)
    parts = [name.name] if name.schema is None else [name.schema, name.name]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def concurrently(sql: str) -> str:
    """The same CREATE INDEX or DROP INDEX statement with CONCURRENTLY."""
    before, found = "", False
    for kind, value in lexer.tokenize(sql):
        before += value
        if not found and kind in Keyword and value.upper() == "INDEX":
            before += " CONCURRENTLY"
            found = True
    return before


def build(name: Name | str | None, sql: str) -> str:
    """A RunSQL that builds an index concurrently, and that drops what is left of a build that failed."""
    if name is None:
        return run_sql(sql, None)
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}"
    return run_sql([drop, sql], drop)


def index_name(action: CreateIndex) -> Name | None:
    """The index that it makes, which is in the schema of its table; None when PostgreSQL is to choose a name."""
    return None if action.name is None else Name(action.name, action.relation.schema)


def create_index(action: CreateIndex, *, concurrently: bool = False) -> str:
    """The statement for an index."""
    head = ["CREATE", *["UNIQUE"] * action.unique, "INDEX", *["CONCURRENTLY"] * concurrently]
    head += [quoted(action.name)] if action.name else []
    only = "ONLY " if action.only else ""
    using = f" USING {action.method}" if action.method != "btree" else ""
    include = f" INCLUDE ({', '.join(map(quoted, action.include))})" if action.include else ""
    nulls = " NULLS NOT DISTINCT" if action.nulls_not_distinct else ""
    where = f"\nWHERE {action.where.sql}" if action.where else ""
    keys = ", ".join(map(_key, action.keys))
    return f"{' '.join(head)}\nON {only}{quoted(action.relation)}{using} ({keys}){include}{nulls}{where}"


def _key(key: IndexKey) -> str:
    expression = f"({key.expression.sql})" if key.expression else ""
    what = key.column and quoted(key.column)
    collation = f"COLLATE {quoted(key.collation)}" if key.collation else ""
    opclass = str(key.opclass) if key.opclass else ""
    return " ".join(part for part in (what or expression, collation, opclass, key.order.upper()) if part)


def partition_indexes(action: CreateIndex, context: Context) -> str:
    """The migrations that build an index of a partitioned table without keeping anybody from its partitions."""
    name = index_name(action) or Name(f"{action.relation.name}_idx", action.relation.schema)
    parent = replace(action, name=name.name, only=True)
    builds, attachments = [], []
    for partition in context.catalog.partitions(action.relation):
        own = Name(f"{partition.name.name}_{name.name}", None if name.schema is None else partition.name.schema)
        table = Name(partition.name.name, own.schema)
        builds.append(build(own, create_index(replace(action, name=own.name, relation=table), concurrently=True)))
        attachments.append(run_sql(f"ALTER INDEX {quoted(name)}\nATTACH PARTITION {quoted(own)}", None))
    return steps(
        "1. Make the index on the partitioned table alone, which reads no row:",
        migration(run_sql(create_index(parent), f"DROP INDEX IF EXISTS {quoted(name)}")),
        "2. Build it on each partition concurrently:",
        migration(*builds, atomic=False),
        "3. Put them together; with the last one the index is valid:",
        migration(*attachments),
    )


def concurrent_indexes(context: Context) -> list[str]:
    """The indexes that an operation builds, each as a RunSQL that builds it concurrently."""
    return [
        build(index_name(action), concurrently(statement.parsed.sql))
        for statement in context.operation.forward
        for action in statement.parsed.actions
        if isinstance(action, CreateIndex) and not action.concurrently
    ]


def steps(*parts: str) -> str:
    """Join prose and code, one paragraph each."""
    return "\n\n".join(part.strip("\n") for part in parts)


def python(*code: str) -> str:
    """Fence Python code."""
    return "```python\n" + "\n".join(code) + "\n```"


def pair(key: Key) -> str:
    """A migration as code names it: ``("orders", "0002_status")``."""
    return f"({', '.join(json.dumps(part, ensure_ascii=False) for part in key)})"


def swappable(setting: str) -> str:
    """A dependency on the app whose model a setting names."""
    return f"migrations.swappable_dependency(settings.{setting})"


def shell(*commands: str) -> str:
    """Fence commands."""
    return "```sh\n" + "\n".join(commands) + "\n```"


def migration(*operations: str, atomic: bool = True, imports: str = "") -> str:
    """Fence the body of a migration that has these operations."""
    body = "".join(textwrap.indent(operation, " " * 4) + ",\n" for operation in operations)
    head = f"{imports}\n\n" if imports else ""
    switch = "" if atomic else "atomic = False\n"
    return python(f"{head}{switch}operations = [\n{body}]")


def in_batches(sql: str) -> str:
    """A migration that repeats a statement, each time in a transaction of its own, until it changes no row any more."""
    return migration(
        "migrations.RunPython(in_batches, migrations.RunPython.noop)",
        atomic=False,
        imports=(
            "def in_batches(apps, schema_editor):\n"
            "    with schema_editor.connection.cursor() as cursor:\n"
            "        while True:\n"
            f"            cursor.execute({_block(sql, 12)})\n"
            "            if not cursor.rowcount:\n"
            "                break\n"
        ),
    )


def fill_in_batches(
    relation: Name, column: str, value: str, context: MigrationContext, *, may_be_null: bool = False
) -> str:
    """A migration that fills the empty rows of a column with the value of an SQL expression, 1000 at a time.

    Args:
        may_be_null: Whether the value is NULL for some rows: they stay as they are, or the batches would never end.
    """
    table, name, primary = quoted(relation), quoted(column), key(relation, context)
    empty = f"{name} IS NULL" + f" AND ({value}) IS NOT NULL" * may_be_null
    return in_batches(
        f"UPDATE {table} SET {name} = {value}\n"
        f"WHERE {primary} IN (SELECT {primary} FROM {table} WHERE {empty} LIMIT 1000)"
    )


def by_ranges(sql: str, relation: Name, context: MigrationContext) -> str | None:
    """A migration that carries out an UPDATE or DELETE for a range of the primary key at a time.

    None where that cannot be written: the key is no single whole number, or the statement does not end in its WHERE.
    """
    table = context.catalog.table(relation)
    primary = table.primary_key.columns if table and table.primary_key else ()
    if table is None or len(primary) != 1 or table.columns[primary[0]].type.name.name not in INTEGERS:
        return None
    whole = sql.strip().rstrip(";")
    actions = _actions(whole)
    if len(actions) != 1:
        return None
    column, whole_table = quoted(primary[0]), quoted(relation)
    where = "AND" if getattr(actions[0], "filtered", False) else "WHERE"
    # An UPDATE may have an alias, which then is the table's only name.
    range_of = f"{where} {f'{whole_table}.{column}' if getattr(actions[0], 'reads', ()) else column} BETWEEN"
    if [type(each) for each in _actions(f"{whole}\n{range_of} 1 AND 2")] != [type(actions[0])]:
        return None
    bounded = f"{layout(whole, WIDTH, clauses=False)}\n{range_of}".replace("%", "%%") + " %s AND %s"
    return migration(
        "migrations.RunPython(in_batches, migrations.RunPython.noop)",
        atomic=False,
        imports=(
            "def in_batches(apps, schema_editor):\n"
            "    with schema_editor.connection.cursor() as cursor:\n"
            f"        cursor.execute('SELECT max({column}) FROM {whole_table}')\n"
            "        last = cursor.fetchone()[0] or 0\n"
            "        for start in range(1, last + 1, 1000):\n"
            f"            sql = {_block(bounded, 12)}\n"
            "            cursor.execute(sql, [start, start + 999])\n"
        ),
    )


def _actions(sql: str) -> list[Action]:
    return [action for parsed in parse(sql) for action in parsed.actions]


INTEGERS = ("smallint", "integer", "bigint", "int2", "int4", "int8")


def key(relation: Name, context: MigrationContext) -> str:
    """The primary key's column as an identifier; ``id`` where there is none, or several columns."""
    table = context.catalog.table(relation)
    columns = table.primary_key.columns if table and table.primary_key else ()
    return quoted(columns[0]) if len(columns) == 1 else "id"


def run_sql(sql: str | Sequence[str], reverse: str | None) -> str:
    """A RunSQL, of several statements if need be; ``reverse`` None stands for nothing to undo.

    Statements are sent one by one: those that cannot run in a transaction do not run in a text with others either.
    """
    undo = "migrations.RunSQL.noop" if reverse is None else _literal(reverse)
    forward = literals([sql] if isinstance(sql, str) else sql)
    return f"migrations.RunSQL(\n    sql={forward},\n    reverse_sql={undo},\n)"


def separate(*, database: list[str], state: list[str]) -> str:
    """A SeparateDatabaseAndState."""
    text = "migrations.SeparateDatabaseAndState(\n"
    for name, operations in (("database_operations", database), ("state_operations", state)):
        if operations:
            body = "".join(textwrap.indent(operation, " " * 8) + ",\n" for operation in operations)
            text += f"    {name}=[\n{body}    ],\n"
    return text + ")"


def literals(statements: Sequence[str]) -> str:
    """What ``RunSQL`` takes for these statements: a text, or a list of texts."""
    if len(statements) == 1:
        return _literal(statements[0])
    body = "".join(f"{' ' * 4}{textwrap.indent(_literal(sql), ' ' * 4)},\n" for sql in statements)
    return f"[\n{body}    ]"


def _literal(sql: str) -> str:
    """SQL as a Python string literal, on one line without backslashes if that is possible."""
    line = " ".join(sql.split("\n"))
    quote = next((quote for quote in "\"'" if quote not in line), None)
    if len(line) <= WIDTH and quote and "\\" not in line:
        return f"{quote}{line}{quote}"
    return _block(layout(sql, WIDTH, clauses=False), 4)


def _block(sql: str, indentation: int) -> str:
    """Lines of SQL as a Python string literal, in which a backslash is a backslash."""
    raw = "r" * ("\\" in sql)
    return f'{raw}"""\n{textwrap.indent(sql, " " * (indentation + 4))}\n{" " * indentation}"""'
