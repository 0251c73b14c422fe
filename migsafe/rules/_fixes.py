"""The shapes of code that fixes are written in: Markdown with fenced Python and SQL."""

import json
import textwrap

from msgspec.structs import replace

from migsafe.actions import CreateIndex, Name
from migsafe.applied import Key
from migsafe.rules._context import Context, MigrationContext
from migsafe.written.batches import IMPORTS, LOGGER, Batches, filled, key_column
from migsafe.written.operations import build, concurrently, create_index, index_name, quoted
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
        migration(division.together(whole), atomic=False),
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


def in_batches(batches: Batches) -> str:
    """A migration that changes rows a batch at a time."""
    return migration(
        "migrations.RunPython(in_batches, migrations.RunPython.noop)",
        atomic=False,
        imports="\n".join((*IMPORTS, "", f"{LOGGER}\n\n", f"{batches.function('in_batches')}\n")),
    )


def fill_in_batches(relation: Name, column: str, value: str, context: MigrationContext) -> str:
    """A migration that fills the empty rows of a column with the value of an SQL expression."""
    key = key_column(relation, context.catalog)
    if key is None:
        return "As the table has no primary key of one column, only you can say which rows make a batch."
    return in_batches(filled(relation, key, column, value, f"{quoted(column)} IS NULL"))
