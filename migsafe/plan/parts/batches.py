"""Rows changed a batch at a time, each in a transaction of its own: resumable, in the order of the primary key."""

from dataclasses import dataclass

from migsafe.actions import Name
from migsafe.plan.recipe import Piece
from migsafe.sql.catalog import Catalog
from migsafe.written.definitions import shown
from migsafe.written.operations import block, quoted

SIZE = 1000
"""Rows of a batch."""

IMPORTS = ("import logging",)

EFFECT = f"batches of {SIZE:,}, no lock beyond rows, can be stopped and resumed"


@dataclass(frozen=True, kw_only=True)
class Batches:
    """An UPDATE or DELETE that is carried out for some primary keys at a time.

    Attributes:
        relation: The table whose keys are gone through.
        sql: The statement, with ``%(keys)s`` where the list of keys belongs (``WHERE "id" = ANY(%(keys)s)``), and
            percent signs of its own doubled. It has to give the same when it is carried out twice.
        where: Which rows there is something to do for, as SQL (``"total" IS NULL``); empty for all. It may be evaluated
            again after an interruption: rows that are done should not satisfy it.
    """

    relation: Name
    sql: str
    where: str = ""


def key_column(relation: Name, catalog: Catalog) -> str | None:
    """The column that is the table's primary key; None if there is no such single column."""
    table = catalog.table(relation)
    columns = table.primary_key.columns if table and table.primary_key else ()
    return columns[0] if len(columns) == 1 else None


def in_batches(
    batches: Batches,
    catalog: Catalog,
    *,
    name: str,
    function: str,
    why: str,
    reverse: str = "migrations.RunPython.noop",
    reverse_code: str = "",
    codes: tuple[str, ...] = (),
) -> Piece | None:
    """A migration that does it; None if the table has no single column as its primary key.

    Args:
        name: Of the migration, without number.
        function: Name of the Python function that it calls.
        reverse: Source of what unapplies it.
        reverse_code: The function that this names, if it is not a name of Django's.
    """
    key = key_column(batches.relation, catalog)
    if key is None:
        return None
    return Piece(
        operations=(f"migrations.RunPython({function}, {reverse})",),
        name=name,
        why=why,
        atomic=False,
        imports=IMPORTS,
        code=f"{LOGGER}\n\n\n{_function(batches, key, catalog, function)}"
        + f"\n\n\n{reverse_code}" * bool(reverse_code),
        codes=codes,
        effect=EFFECT,
    )


LOGGER = "logger = logging.getLogger(__name__)"


def _function(batches: Batches, key: str, catalog: Catalog, function: str) -> str:
    table, column = quoted(shown(batches.relation, catalog)), quoted(key)
    order = f"ORDER BY {column} LIMIT {SIZE}"
    first = f"SELECT {column} FROM {table}\n" + f"WHERE {batches.where}\n" * bool(batches.where) + order
    also = f" AND ({batches.where})".replace("%", "%%") if batches.where else ""
    following = f"SELECT {column} FROM {table}\nWHERE {column} > %(last)s{also}\n{order}"
    return "\n".join(
        (
            f"def {function}(apps, schema_editor):",
            '    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""',
            "    with schema_editor.connection.cursor() as cursor:",
            f"        cursor.execute({_literal(first, 8)})",
            "        done = 0",
            "        while keys := [key for (key,) in cursor.fetchall()]:",
            f'            cursor.execute({_literal(batches.sql, 12)}, {{"keys": keys}})',
            "            done += len(keys)",
            f'            logger.info("{function}: %s rows, up to {key} %s", done, keys[-1])',
            f'            cursor.execute({_literal(following, 12)}, {{"last": keys[-1]}})',
        )
    )


def _literal(sql: str, indentation: int) -> str:
    line = " ".join(sql.split("\n"))
    if len(line) <= 80 - indentation and '"' not in line and "\\" not in line:
        return f'"{line}"'
    if len(line) <= 80 - indentation and "'" not in line and "\\" not in line:
        return f"'{line}'"
    return block(sql, indentation)
