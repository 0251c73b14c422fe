"""The shapes of code that fixes are written in: Markdown with fenced Python and SQL."""

import json
import textwrap

from msgspec.structs import replace

from migsafe.actions import Action, CreateIndex, Name
from migsafe.applied import Key
from migsafe.rules._context import Context, MigrationContext
from migsafe.sql.layout import layout
from migsafe.sql.parse import parse
from migsafe.written.operations import WIDTH, block, build, concurrently, create_index, index_name, quoted
from migsafe.written.partitions import divided


def later(context: MigrationContext) -> list[str]:
    """The way out for what breaks old code, if markers say when migrations run."""
    if context.migration.stage in (None, "after"):
        return []
    return [
        "Mark it to run after the deploy (`Stage.POST_DEPLOY` of syzygy, `Safe.after_deploy()` of safemigrate): no"
        " running code asks for it then. Or:"
    ]


def partition_indexes(action: CreateIndex, context: Context) -> str:
    """The migrations that build an index of a partitioned table without keeping anybody from its partitions."""
    name = index_name(action) or Name(f"{action.relation.name}_idx", action.relation.schema)
    whole = replace(action, name=name.name, concurrently=False)
    schema = context.catalog.locate(action.relation).schema
    division = divided(Name(name.name, schema), context.catalog, context.catalog.after(whole))
    builds = [build(index_name(leaf), create_index(leaf, concurrently=True)) for leaf in division.leaves]
    return steps(
        "1. Build it on each partition concurrently:",
        migration(*builds, atomic=False),
        "2. Make an index of the partitioned table of them, which reads no row:",
        migration(division.together(whole)),
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
            f"            cursor.execute({block(sql, 12)})\n"
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
            f"            sql = {block(bounded, 12)}\n"
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
