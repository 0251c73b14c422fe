"""A new column, taken apart: the column itself, and what PostgreSQL would build or check with it in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from msgspec.structs import replace as changed

from migsafe.actions import (
    AddColumn,
    AddConstraint,
    Comment,
    Constraint,
    ConstraintKind,
    CreateIndex,
    DropDefault,
    Expression,
    Name,
    SetConstraints,
)
from migsafe.plan.parts.constraints import check, unique
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.parts.indexes import built, built_on_partitions
from migsafe.plan.parts.values import FREE, Value, value_of
from migsafe.plan.recipe import NoWay, Piece, Work
from migsafe.python import HistoricalField
from migsafe.sql.catalog import Catalog, Column
from migsafe.written.call import Written
from migsafe.written.definitions import column_definition
from migsafe.written.operations import create_index, quoted, run_sql, separate
from migsafe.written.partitions import is_partitioned

QUOTES = "\"'"


@dataclass(frozen=True, kw_only=True)
class NewColumn:
    """What an AddField does, in parts.

    Attributes:
        name: Of the field.
        field: As the models have it afterwards.
        written: The operation.
        definition: The source of its field.
        column: As it is added: with its default, also if that is dropped at once.
        keeps_default: Whether it is not.
        before: The schema with the column alone.
        constraints: Those that it gets, under the names that they get.
        indexes: Those that it gets beside them.
        comment: The statement that comments on it, or None.
    """

    work: Work
    name: str
    field: HistoricalField
    written: Written
    definition: Written
    relation: Name
    column: Column
    keeps_default: bool
    before: Catalog
    constraints: tuple[Constraint, ...]
    indexes: tuple[CreateIndex, ...]
    comment: str | None = None

    @property
    def is_bare(self) -> bool:
        """Whether nothing is built or checked with it."""
        return not (self.constraints or self.indexes)

    @property
    def is_unique(self) -> bool:
        return any(one.kind is ConstraintKind.UNIQUE and len(one.columns) == 1 for one in self.constraints)

    @property
    def label(self) -> str:
        """Model and field, for names: ``order_total``."""
        return f"{self.work.label.rpartition('.')[2]}_{self.name}"

    @property
    def is_one_off(self) -> bool:
        """Whether its default is only for the rows that exist (``preserve_default=False``)."""
        return self.written.argument("preserve_default", 3) == "False"

    @cached_property
    def value(self) -> Value | None:
        """What the rows that exist get."""
        column = self.column
        return value_of(self.work, self.field, self.definition, column.default, column.type, one_off=self.is_one_off)

    @property
    def is_free(self) -> bool:
        """Whether the rows that exist get their value without being written."""
        return self.value is None or (self.value.constant and self.work.postgres >= FREE)

    @property
    def alter(self) -> str:
        """``ALTER TABLE … ALTER COLUMN …``."""
        return f"ALTER TABLE {quoted(self.relation)}\nALTER COLUMN {quoted(self.column.name)}"

    @property
    def settled(self) -> Written:
        """The field as the models have it afterwards."""
        return self.definition.without("default") if self.is_one_off else self.definition

    def operation(self, field: Written, *, kind: str = "AddField") -> str:
        """The author's operation with another field."""
        operation = self.written.calling(f"migrations.{kind}").replacing("field", 2, field.code)
        return str(operation.without("preserve_default"))

    def add(self, *more: str, default: str | None, not_null: bool, field: Written | None = None) -> str:
        """Source of an operation that adds the column alone.

        Args:
            more: Statements that follow.
            default: SQL of its default.
            field: As the models have it then; None for `settled`.
        """
        column = changed(self.column, default=Expression(default) if default else None, not_null=not_null)
        table = quoted(self.relation)
        statements = [f"ALTER TABLE {table}\nADD COLUMN {column_definition(column)}", *more]
        if self.comment is not None:
            statements.append(self.comment)
        drop = f"ALTER TABLE {table}\nDROP COLUMN {quoted(self.column.name)}"
        return separate(database=[run_sql(statements, drop)], state=[self.operation(field or self.settled)])

    def built(self) -> Sequence[Piece] | NoWay:
        """Migrations that build and check what the column gets, while everybody reads and writes."""
        first = self._indexes()
        if isinstance(first, NoWay):
            return first
        pieces = [*first]
        for constraint in self.constraints:
            made = self._built(constraint)
            if isinstance(made, NoWay):
                return made
            pieces += made
        return [replace(piece, codes=self.work.codes) for piece in pieces]

    def _built(self, constraint: Constraint) -> Sequence[Piece] | NoWay:
        match constraint.kind:
            case ConstraintKind.CHECK:
                return check(self.relation, constraint, name=f"{self.label}_check")
            case ConstraintKind.UNIQUE:
                return unique(self.relation, constraint, self.before, name=f"{self.label}_unique")
            case ConstraintKind.FOREIGN_KEY:
                name, postgres = f"{self.label}_foreign_key", self.work.postgres
                return foreign_key(self.relation, constraint, self.before, postgres=postgres, name=name)
        return NoWay(why=f"a column cannot become part of a {constraint.kind} constraint without a lock")

    def _indexes(self) -> Sequence[Piece] | NoWay:
        name = f"{self.label}_index"
        if not self.indexes:
            return ()
        if not is_partitioned(self.relation, self.before):
            return (built(((index, create_index(index)) for index in self.indexes), name=name),)
        pieces: list[Piece] = []
        for index in self.indexes:
            made = built_on_partitions(index, create_index(index), self.before, name=name)
            if isinstance(made, NoWay):
                return made
            pieces += made
        return pieces

    def piece(self, name: str, *operations: str, why: str) -> Piece:
        work = self.work
        return Piece(operations=operations, name=name, why=why, imports=work.imports, codes=work.codes)


def new_column(work: Work) -> NewColumn | None:
    """Take an AddField apart; None if it adds no column, or does more than can be taken apart."""
    written, definition = work.written, work.written and work.written.call("field", 2)
    name = ((written and written.argument("name", 1)) or "").strip(QUOTES)
    field = work.field_after(name)
    if written is None or definition is None or field is None or work.operation.unanalysed:
        return None
    added: list[tuple[Catalog, AddColumn]] = []
    constraints: list[Constraint] = []
    indexes: list[CreateIndex] = []
    comment, keeps_default = None, True
    for statement, action in work.actions():
        match action:
            case AddColumn() | AddConstraint():
                constraints += _added(statement.before, action)
                added += [(statement.before, action)] if isinstance(action, AddColumn) else []
            case CreateIndex():
                indexes.append(action)
            case Comment():
                comment = statement.parsed.sql
            case DropDefault():
                keeps_default = False
            case SetConstraints():
                pass
            case _:
                return None
    if len(added) != 1:
        return None
    catalog, action = added[0]
    before = catalog.after(changed(action, column=changed(action.column, constraints=())))
    table = before.table(action.relation)
    if table is None:
        return None
    return NewColumn(
        work=work,
        name=name,
        field=field,
        written=written,
        definition=definition,
        relation=action.relation,
        column=table.columns[action.column.name],
        keeps_default=keeps_default,
        before=before,
        constraints=tuple(constraints),
        indexes=tuple(indexes),
        comment=comment,
    )


def _added(catalog: Catalog, action: AddColumn | AddConstraint) -> Iterator[Constraint]:
    """The constraints that an action gives its table, under the names that they get."""
    before, after = catalog.table(action.relation), catalog.after(action).table(action.relation)
    for name, constraint in after.constraints.items() if after else ():
        if before is None or name not in before.constraints:
            yield constraint
