"""A new column, taken apart: the column itself, and what PostgreSQL would build or check with it in one go."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from migsafe.actions import (
    AddColumn,
    AddConstraint,
    ColumnDefinition,
    Comment,
    Constraint,
    ConstraintKind,
    CreateIndex,
    DropDefault,
    Name,
    SetConstraints,
)
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.recipe import Piece, Work
from migsafe.postgres.values import sql_name
from migsafe.python import HistoricalField
from migsafe.sql.catalog import Catalog
from migsafe.written.call import Written
from migsafe.written.operations import build, create_index, index_name, quoted, run_sql, separate

QUOTES = "\"'"
FREE_DEFAULTS = 11
"""PostgreSQL from which on a column with a default that is the same for all rows is added without touching any."""


@dataclass(frozen=True, kw_only=True)
class NewColumn:
    """What an AddField does, in parts.

    Attributes:
        name: Of the field.
        field: As the models have it afterwards.
        written: The operation.
        definition: The source of its field.
        column: With what is said inline, but for constraints.
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
    column: ColumnDefinition
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
        changed = self.written.calling(f"migrations.{kind}").replacing("field", 2, field.code)
        return str(changed.without("preserve_default"))

    def add(self, *more: str, default: str | None, not_null: bool, field: Written | None = None) -> str:
        """Source of an operation that adds the column alone.

        Args:
            more: Statements that follow.
            default: SQL of its default.
            field: As the models have it then; None for `settled`.
        """
        collation = f" COLLATE {quoted(self.column.collation)}" if self.column.collation else ""
        definition = f"{quoted(self.column.name)} {sql_name(self.column.type)}{collation}"
        definition += f" DEFAULT {default}" * (default is not None) + " NOT NULL" * not_null
        table = quoted(self.relation)
        statements = [f"ALTER TABLE {table}\nADD COLUMN {definition}", *more]
        if self.comment is not None:
            statements.append(self.comment)
        drop = f"ALTER TABLE {table}\nDROP COLUMN {quoted(self.column.name)}"
        return separate(database=[run_sql(statements, drop)], state=[self.operation(field or self.settled)])

    def built(self) -> Iterator[Piece]:
        """Migrations that build and check what the column gets, while everybody reads and writes."""
        yield from self._checks()
        yield from self._uniques()
        for index in self.indexes:
            yield self.piece(
                index.name or f"{self.label}_index",
                build(index_name(index), create_index(index, concurrently=True)),
                why="Built concurrently, so that nobody waits; what is left of a build that failed is dropped first.",
                atomic=False,
            )

    def _checks(self) -> Iterator[Piece]:
        table = quoted(self.relation)
        for constraint in self.constraints:
            name = quoted(constraint.name or "")
            if constraint.kind is ConstraintKind.FOREIGN_KEY:
                yield from foreign_key(self.work, self.relation, constraint)
            if constraint.kind is ConstraintKind.CHECK and constraint.expression:
                add = f"ALTER TABLE {table}\nADD CONSTRAINT {name} CHECK ({constraint.expression.sql}) NOT VALID"
                yield self.piece(
                    f"{constraint.name}",
                    run_sql(add, f"ALTER TABLE {table}\nDROP CONSTRAINT {name}"),
                    why="It holds for what is written from now on; no row is read.",
                )
                yield self.piece(
                    f"validate_{constraint.name}",
                    run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {name}", None),
                    why="All rows are read while everybody reads and writes, which takes a transaction of its own.",
                )

    def _uniques(self) -> Iterator[Piece]:
        table = quoted(self.relation)
        for constraint in self.constraints:
            if constraint.kind is not ConstraintKind.UNIQUE:
                continue
            name, columns = quoted(constraint.name or ""), ", ".join(map(quoted, constraint.columns))
            index = CreateIndex(name=constraint.name, relation=self.relation, keys=(), unique=True, concurrently=True)
            sql = f"CREATE UNIQUE INDEX CONCURRENTLY {name}\nON {table} ({columns})"
            yield self.piece(
                f"{constraint.name}_index",
                build(index_name(index), sql),
                why="Built concurrently, so that nobody waits; what is left of a build that failed is dropped first.",
                atomic=False,
            )
            deferrable = " DEFERRABLE" * constraint.deferrable + " INITIALLY DEFERRED" * constraint.initially_deferred
            add = f"ALTER TABLE {table}\nADD CONSTRAINT {name} UNIQUE USING INDEX {name}{deferrable}"
            yield self.piece(
                f"{constraint.name}",
                run_sql(add, f"ALTER TABLE {table}\nDROP CONSTRAINT {name}"),
                why="The index becomes the constraint; no row is read.",
            )

    def piece(self, name: str, *operations: str, why: str, atomic: bool = True) -> Piece:
        return Piece(operations=operations, name=name, why=why, atomic=atomic, codes=self.work.codes)


def new_column(work: Work) -> NewColumn | None:
    """Take an AddField apart; None if it adds no column, or does more than can be taken apart."""
    written, definition = work.written, work.written and work.written.call("field", 2)
    name = ((written and written.argument("name", 1)) or "").strip(QUOTES)
    field = work.field_after(name)
    if written is None or definition is None or field is None:
        return None
    added: list[AddColumn] = []
    constraints: list[Constraint] = []
    indexes: list[CreateIndex] = []
    comment = None
    for statement, action in work.actions():
        match action:
            case AddColumn() | AddConstraint():
                constraints += _added(statement.before, action)
                added += [action] if isinstance(action, AddColumn) else []
            case CreateIndex():
                indexes.append(action)
            case Comment():
                comment = statement.parsed.sql
            case SetConstraints() | DropDefault():
                pass
            case _:
                return None
    if len(added) != 1 or work.operation.unanalysed:
        return None
    return NewColumn(
        work=work,
        name=name,
        field=field,
        written=written,
        definition=definition,
        relation=added[0].relation,
        column=replace(added[0].column, constraints=()),
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
