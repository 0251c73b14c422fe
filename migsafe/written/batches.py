"""Code that changes rows a batch at a time, each in a transaction of its own, in the order of the primary key."""

from dataclasses import dataclass

from migsafe.actions import Delete, Name, Update
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import volatile_function
from migsafe.sql.layout import layout
from migsafe.sql.parse.rows import by_keys
from migsafe.written.definitions import shown
from migsafe.written.operations import WIDTH, block, quoted

SIZE = 1000
"""Rows of a batch."""

IMPORTS = ("import logging",)

LOGGER = "logger = logging.getLogger(__name__)"


@dataclass(frozen=True, kw_only=True)
class Batches:
    """An UPDATE or DELETE that is carried out for some primary keys at a time.

    Attributes:
        relation: The table whose keys are gone through, as SQL names it.
        key: The column that is its primary key.
        sql: The statement, with ``%(keys)s`` where the list of keys belongs (``WHERE "id" = ANY(%(keys)s)``), and
            percent signs of its own doubled. It has to give the same when it is carried out twice.
    """

    relation: Name
    key: str
    sql: str

    def function(self, name: str) -> str:
        """A function for RunPython that does it: with `IMPORTS` and `LOGGER`, in a migration that is not atomic.

        Which keys come next has no other condition: where few rows seem to satisfy one, as of a column that no
        statistics know yet, PostgreSQL would read and sort the whole table for each batch.
        """
        table, column = quoted(self.relation), quoted(self.key)
        order = f"ORDER BY {column} LIMIT {SIZE}"
        first = f"SELECT {column} FROM {table}\n{order}"
        following = f"SELECT {column} FROM {table}\nWHERE {column} > %(last)s\n{order}"
        return "\n".join(
            (
                f"def {name}(apps, schema_editor):",
                '    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""',
                "    with schema_editor.connection.cursor() as cursor:",
                f"        cursor.execute({_literal(first, 8)})",
                "        done = 0",
                "        while keys := [key for (key,) in cursor.fetchall()]:",
                f'            cursor.execute({_literal(self.sql, 12)}, {{"keys": keys}})',
                "            done += len(keys)",
                f'            logger.info("{name}: %s rows, up to {self.key} %s", done, keys[-1])',
                f'            cursor.execute({_literal(following, 12)}, {{"last": keys[-1]}})',
            )
        )


def key_column(relation: Name, catalog: Catalog) -> str | None:
    """The column that is the table's primary key; None if there is no such single column."""
    table = catalog.table(relation)
    columns = table.primary_key.columns if table and table.primary_key else ()
    return columns[0] if len(columns) == 1 else None


def filled(relation: Name, key: str, column: str, value: str, empty: str) -> Batches:
    """Give a column a value where it has none.

    Args:
        relation: The table, as SQL names it.
        value: As SQL.
        empty: Which rows are to be filled, as SQL.
    """
    update = f"UPDATE {quoted(relation)}\nSET {quoted(column)} = {value}\n".replace("%", "%%")
    where = f"WHERE {quoted(key)} = ANY(%(keys)s) AND {empty.replace('%', '%%')}"
    return Batches(relation=relation, key=key, sql=update + where)


def divided(sql: str, action: Update | Delete, catalog: Catalog) -> Batches | str:
    """A statement for some rows at a time, or why it would not do the same, or not if it is stopped and run again.

    Args:
        action: What the statement does.
        catalog: The schema that it meets.
    """
    key = key_column(action.relation, catalog)
    if key is None:
        return "the table has no primary key of one column"
    by_key = by_keys(sql, key, "%(keys)s")
    if by_key is None:
        return "it is not a plain statement"
    if why := _not_in_batches(action, catalog):
        return why
    table = shown(catalog.locate(action.relation), catalog)
    return Batches(relation=table, key=key, sql=layout(by_key, WIDTH))


def _not_in_batches(action: Update | Delete, catalog: Catalog) -> str | None:
    if action.relation.name in {one.name for one in action.reads}:
        return f"it reads other rows of {action.relation.name}"
    if isinstance(action, Delete):
        return None
    filled = set(action.nulls) & set(action.columns)
    if filled:
        return None
    if action.uses is None or set(action.uses) & set(action.columns):
        return "it makes values of what they were before: stopped and run again, it would do so twice"
    if any(volatile_function(one, catalog) for one in action.functions):
        return "it gives other values each time, and would do so again if it is stopped and run again"
    return None


def _literal(sql: str, indentation: int) -> str:
    line = " ".join(sql.split("\n"))
    if len(line) <= 80 - indentation and '"' not in line and "\\" not in line:
        return f'"{line}"'
    if len(line) <= 80 - indentation and "'" not in line and "\\" not in line:
        return f"'{line}'"
    return block(sql, indentation)
