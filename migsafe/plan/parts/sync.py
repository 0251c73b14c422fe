"""Triggers that keep two columns of a table equal while code of two releases writes the one or the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from migsafe.actions import Name
from migsafe.plan.parts.names import own_name
from migsafe.sql.catalog import Catalog, Table
from migsafe.written.operations import quoted


@dataclass(frozen=True, kw_only=True)
class Sync:
    """A trigger that keeps columns equal, and its function, which has the same name.

    Attributes:
        name: Of both, without schema.
        source: The column that code writes.
        copy: The column that gets the same value.
        forth: SQL for the copy's value; ``{0}`` stands for the source's. NULL in the copy where that is an error that
            values make (``data_exception``), if ``lenient``.
        back: SQL for the source's value, ``{0}`` standing for the copy's, if code may write either of the two; None if
            nobody writes the copy.
    """

    table: Name
    name: str
    source: str
    copy: str
    forth: str = "{0}"
    back: str | None = None
    lenient: bool = False

    @property
    def function(self) -> Name:
        return Name(self.name, self.table.schema)

    def create(self) -> list[str]:
        """Statements that begin to keep them equal; rows that are there already stay as they are."""
        body = [*_block(self._body()), "RETURN NEW;"]
        lines = "\n".join(["BEGIN", *(f"    {line}" for line in body), "END"])
        return [
            f"CREATE OR REPLACE FUNCTION {quoted(self.function)}() RETURNS trigger LANGUAGE plpgsql AS $$\n{lines}\n$$",
            # PostgreSQL 10 does not know EXECUTE FUNCTION.
            f"CREATE TRIGGER {quoted(self.name)} BEFORE INSERT OR UPDATE ON {quoted(self.table)}\n"
            f"FOR EACH ROW EXECUTE PROCEDURE {quoted(self.function)}()",
        ]

    def drop(self) -> list[str]:
        """Statements that leave the columns to themselves again."""
        return [
            f"DROP TRIGGER {quoted(self.name)} ON {quoted(self.table)}",
            f"DROP FUNCTION {quoted(self.function)}()",
        ]

    def _body(self) -> list[str]:
        source, copy = f"NEW.{quoted(self.source)}", f"NEW.{quoted(self.copy)}"
        forth = f"{copy} := {self.forth.format(source)};"
        if self.lenient:
            forth = f"BEGIN\n    {forth}\nEXCEPTION WHEN data_exception THEN\n    {copy} := NULL;\nEND;"
        if self.back is None:
            return [forth]
        back = f"{source} := {self.back.format(copy)};"
        was = f"OLD.{quoted(self.copy)}"
        return [
            "IF TG_OP = 'INSERT' THEN",
            f"    IF {copy} IS NULL THEN",
            *_indented(forth, 2),
            "    ELSE",
            *_indented(back, 2),
            "    END IF;",
            f"ELSIF {copy} IS DISTINCT FROM {was} THEN",
            *_indented(back, 1),
            "ELSE",
            *_indented(forth, 1),
            "END IF;",
        ]


def sync_name(table: Table, column: str, catalog: Catalog) -> str:
    """A name that no function has, for a trigger that is the last of the table's to fire: they go by their names."""
    name = own_name("sync", column, "of", table.name.name)
    while any(other >= name for other in table.triggers) or catalog.function(Name(name, table.name.schema)):
        name = own_name(f"z{name}")
    return name


def _block(lines: Sequence[str]) -> list[str]:
    return [line for text in lines for line in text.split("\n")]


def _indented(text: str, depth: int) -> list[str]:
    return ["    " * depth + line for line in text.split("\n")]
