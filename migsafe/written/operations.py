"""The source code of operations that are made: SQL in RunSQL, and what it is made of."""

import textwrap
from collections.abc import Sequence

from sqlparse import lexer
from sqlparse.tokens import Keyword

from migsafe.actions import CreateIndex, IndexKey, Name
from migsafe.sql.layout import layout

GIVE_UP = "SET LOCAL lock_timeout = '2s'"
"""What keeps a statement that waits for a lock from having everybody wait behind it."""

BEFORE_DEADLOCK = "SET LOCAL lock_timeout = '250ms'"
"""How a transaction begins that adds or drops a foreign key alone.

Both lock the table that refers first and then the other, as INSERT does. Code that uses them the other way round, in a
transaction, waits for this one and is waited for: until this gives up, once for each table, and before PostgreSQL looks
for deadlocks (``deadlock_timeout``, a second), which might end a statement of that code.
"""

WIDTH = 50
"""Characters of SQL on a line: with the code around it that makes less than 80."""


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
    head += ["IF NOT EXISTS"] * action.if_not_exists
    head += [quoted(action.name)] if action.name else []
    only = "ONLY " if action.only else ""
    using = f" USING {action.method}" if action.method != "btree" else ""
    include = f" INCLUDE ({', '.join(map(quoted, action.include))})" if action.include else ""
    nulls = " NULLS NOT DISTINCT" if action.nulls_not_distinct else ""
    tablespace = f" TABLESPACE {quoted(action.tablespace)}" if action.tablespace else ""
    where = f"\nWHERE {action.where.sql}" if action.where else ""
    keys = ", ".join(map(_key, action.keys))
    return f"{' '.join(head)}\nON {only}{quoted(action.relation)}{using} ({keys}){include}{nulls}{tablespace}{where}"


def _key(key: IndexKey) -> str:
    expression = f"({key.expression.sql})" if key.expression else ""
    what = key.column and quoted(key.column)
    collation = f"COLLATE {quoted(key.collation)}" if key.collation else ""
    opclass = str(key.opclass) if key.opclass else ""
    return " ".join(part for part in (what or expression, collation, opclass, key.order.upper()) if part)


def run_sql(sql: str | Sequence[str] | None, reverse: str | Sequence[str] | None) -> str:
    """A RunSQL, of several statements if need be; None stands for nothing to do, or to undo.

    Statements are sent one by one: those that cannot run in a transaction do not run in a text with others either.
    """
    forward, undo = ("migrations.RunSQL.noop" if one is None else literals(one) for one in (sql, reverse))
    return f"migrations.RunSQL(\n    sql={forward},\n    reverse_sql={undo},\n)"


def soon(sql: str, give_up: str = GIVE_UP) -> str:
    """The statement in a transaction of its own, which the text is, so that it can give up soon."""
    return f"{give_up};\n{sql}"


def separate(*, database: list[str], state: list[str]) -> str:
    """A SeparateDatabaseAndState."""
    text = "migrations.SeparateDatabaseAndState(\n"
    for name, operations in (("database_operations", database), ("state_operations", state)):
        if operations:
            body = "".join(textwrap.indent(operation, " " * 8) + ",\n" for operation in operations)
            text += f"    {name}=[\n{body}    ],\n"
    return text + ")"


def literals(statements: str | Sequence[str]) -> str:
    """What ``RunSQL`` takes for these statements: a text, or a list of texts."""
    if isinstance(statements, str):
        return _literal(statements)
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
    return block(layout(sql, WIDTH, clauses=False), 4)


def block(sql: str, indentation: int) -> str:
    """Lines of SQL as a Python string literal, in which a backslash is a backslash."""
    raw = "r" * ("\\" in sql)
    return f'{raw}"""\n{textwrap.indent(sql, " " * (indentation + 4))}\n{" " * indentation}"""'
