"""A second column that becomes what the first one is: filled beside it, indexed and constrained as that will be.

All of it is SQL that the models do not know. What it is made of is read from two schemas: the one before, and the one
that the original migration makes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from migsafe.actions import (
    AddConstraint,
    Constraint,
    ConstraintKind,
    CreateIndex,
    Expression,
    IndexKey,
    Name,
    RenameColumn,
)
from migsafe.plan.parts.sync import Sync, sync_name
from migsafe.plan.recipe import Work
from migsafe.sql.catalog import Catalog, Column, Index, Table
from migsafe.sql.names import LENGTH, clip
from migsafe.sql.parse import parse
from migsafe.written.definitions import constraint_definition, index_action, shown
from migsafe.written.operations import BEFORE_DEADLOCK, GIVE_UP, create_index, quoted, soon

Undoable = tuple[list[str], list[str]]
"""Statements, and those that undo them."""


class NotCopied(Exception):
    """Something about a column that a second one cannot have; its text says what."""


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A column and what takes its place.

    Attributes:
        before: The schema with the column alone.
        after: The schema that is wanted.
        relation: Its table, in both.
        column: Its name.
        end: What it is called in the end.
        name: Of the second column.
        forth: SQL for the value of the second column; ``{0}`` stands for that of the first.
        back: SQL for the value of the first.
        lossy: Whether there are values that the second cannot have.
        comments: SQL of the comment on the first column and of that on the second; None for no comment.
    """

    before: Catalog
    after: Catalog
    relation: Name
    column: str
    end: str
    name: str
    forth: str
    back: str
    lossy: bool = False
    comments: tuple[str | None, str | None] = (None, None)

    @cached_property
    def table(self) -> Table:
        found = self.before.table(self.relation)
        assert found is not None
        return found

    @property
    def old(self) -> Column:
        return self.table.columns[self.column]

    @property
    def new(self) -> Column:
        """As it will be."""
        table = self.after.table(self.relation)
        assert table is not None
        return table.columns[self.end]

    @property
    def aside(self) -> str:
        """What the first column is called while the second has its place."""
        return self.column if self.end != self.column else free(f"{self.column}_old", self.table)

    @property
    def alter(self) -> str:
        return f"ALTER TABLE {quoted(shown(self.table.name, self.before))}"

    @property
    def sync(self) -> Sync:
        """Before the exchange."""
        return Sync(
            table=shown(self.table.name, self.before),
            name=sync_name(self.table, self.name, self.before),
            source=self.column,
            copy=self.name,
            forth=self.forth,
            back=self.back if self.end != self.column else None,
            lenient=self.lossy,
        )

    @property
    def sync_back(self) -> Sync:
        """After it: only the second column is written."""
        return Sync(
            table=shown(self.table.name, self.before),
            name=sync_name(self.table, self.aside, self.before),
            source=self.end,
            copy=self.aside,
            forth=self.back,
            lenient=True,
        )


def comments(work: Work, relation: Name, old: str, new: str) -> tuple[str | None, str | None]:
    """Of a column before and after the operation, as far as models have one: for `Shadow.comments`."""
    found: list[str | None] = []
    for models, column in ((work.before, old), (work.after, new)):
        own = [one for one in models.by_key.values() if work.catalog.locate(one.relation) == relation and not one.proxy]
        texts = [field.comment for one in own for field in one.fields.values() if field.column == column]
        found.append(next((text for text in texts if text), None))
    before, after = (text and "'" + text.replace("'", "''") + "'" for text in found)
    return before, after


def free(name: str, table: Table) -> str:
    """A name that no column of the table has."""
    name = clip(name, LENGTH)
    while name in table.columns:
        name = clip(name, LENGTH - 1) + "_"
    return name


@dataclass(frozen=True, kw_only=True)
class Part:
    """An index or constraint of a column, and what another column has in its place.

    Attributes:
        name: Of the one that will be, or was; its own while both exist is ``beside``.
        make: Statements that make it under the name ``beside``, for a migration that is not atomic.
        drop: Statements that drop it again; both can be run again.
        key: Whether it is to become the primary key.
        references: The table that a foreign key refers to.
        constraint: Whether it is a constraint; else an index.
    """

    name: str
    beside: str
    make: list[str]
    drop: list[str]
    key: bool = False
    references: Name | None = None
    constraint: bool = False

    @property
    def foreign(self) -> bool:
        return self.references is not None


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key that goes, and the statements that bring it back."""

    table: str
    drop: list[str]
    add: list[str]
    validate: list[str]


class Group:
    """Columns that change together: a key, and those that refer to it.

    Args:
        shadows: All between the same two schemas.

    Raises:
        NotCopied: One of them is more than can be done twice.
    """

    def __init__(self, shadows: Sequence[Shadow]) -> None:
        self.shadows = shadows
        self.before, self.after = shadows[0].before, shadows[0].after
        self._taken = {name.name for catalog in (self.before, self.after) for name in catalog.index_map}
        self._taken |= {name for table in self.before.tables.values() for name in table.constraints}
        self._wanted, self._left = self.after, self.before
        for one in shadows:
            _refuse(one, shadows)
            _refuse_uses(one)
            _refuse_change(one)
            self._wanted = self._wanted.after(RenameColumn(relation=one.relation, column=one.end, new_name=one.name))
            self._left = self._left.after(RenameColumn(relation=one.relation, column=one.column, new_name=one.aside))
        self._new = {id(one): tuple(self._parts(self._wanted, one, one.name, "new")) for one in shadows}
        self._old = {id(one): tuple(self._parts(self._left, one, one.aside, "old")) for one in shadows}

    def new(self, shadow: Shadow) -> tuple[Part, ...]:
        """What the second column gets."""
        return self._new[id(shadow)]

    def old(self, shadow: Shadow) -> tuple[Part, ...]:
        """What the first column has, as it would be made again once that is called `Shadow.aside`."""
        return self._old[id(shadow)]

    def _parts(self, catalog: Catalog, shadow: Shadow, name: str, suffix: str) -> Iterator[Part]:
        table = catalog.table(shadow.relation)
        assert table is not None
        done: set[str] = set()
        for one in self.shadows:  # an index of two such columns is made once, and exchanged with the first
            if one is shadow:
                break
            if one.relation == shadow.relation:
                own = one.name if catalog is self._wanted else one.aside
                done |= {index.name.name for index in catalog.indexes(table.name) if index.involves(own)}
                done |= {constraint.name or "" for constraint in table.constraints_on(own)}
        for index in catalog.indexes(table.name):
            if index.constraint is None and index.involves(name) and index.name.name not in done:
                _check(index.where, *(key.expression for key in index.keys))
                yield self._index(index, shadow, suffix)
        for constraint in table.constraints_on(name):
            if constraint.kind is not ConstraintKind.NOT_NULL and constraint.name not in done:
                _check(constraint.expression)
                yield self._constraint(constraint, shadow, suffix)

    def _index(self, index: Index, shadow: Shadow, suffix: str) -> Part:
        beside = self._beside(index.name.name, suffix)
        action = replace(index_action(index), name=beside, relation=shown(index.relation, self.before))
        drop = [f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(Name(beside, action.relation.schema))}"]
        make = [*drop, create_index(action, concurrently=True)]
        return Part(name=index.name.name, beside=beside, make=make, drop=drop)

    def _constraint(self, constraint: Constraint, shadow: Shadow, suffix: str) -> Part:
        assert constraint.name is not None
        beside = self._beside(constraint.name, suffix)
        references = constraint.references
        give_up = BEFORE_DEADLOCK if references else GIVE_UP
        drop = [soon(f"{shadow.alter}\nDROP CONSTRAINT IF EXISTS {quoted(beside)}", give_up)]
        if constraint.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE):
            return self._unique(constraint, shadow, beside, drop)
        add, *validate = self._added(replace(constraint, name=beside), shadow)
        make = [*drop, soon(add, give_up), *validate]
        return Part(name=constraint.name, beside=beside, make=make, drop=drop, references=references, constraint=True)

    def _added(self, constraint: Constraint, shadow: Shadow) -> list[str]:
        """Statements that make a CHECK or a foreign key without anybody waiting."""
        references = constraint.references and shown(constraint.references, self.before)
        definition = constraint_definition(replace(constraint, references=references), valid=False)
        if definition is None or constraint.name is None:
            raise NotCopied(f"it is in {constraint.kind.upper()} constraint {constraint.name}")
        validate = [f"{shadow.alter}\nVALIDATE CONSTRAINT {quoted(constraint.name)}"] if constraint.valid else []
        return [f"{shadow.alter}\nADD {definition}", *validate]

    def foreign_keys(self, shadow: Shadow) -> Iterator["ForeignKey"]:
        """Those of the first column."""
        for constraint in shadow.table.constraints_on(shadow.column):
            if constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.name is not None:
                add, *validate = self._added(constraint, shadow)
                yield ForeignKey(
                    table=shadow.table.name.name,
                    drop=[BEFORE_DEADLOCK, f"{shadow.alter}\nDROP CONSTRAINT {quoted(constraint.name)}"],
                    add=[BEFORE_DEADLOCK, add],
                    validate=validate,
                )

    def _unique(self, constraint: Constraint, shadow: Shadow, beside: str, drop: list[str]) -> Part:
        assert constraint.name is not None
        make = self._unique_index(constraint, shadow, beside)
        if constraint.kind is ConstraintKind.PRIMARY_KEY:
            return Part(name=constraint.name, beside=beside, make=make, drop=make[:1], key=True, constraint=True)
        checked = " DEFERRABLE" * constraint.deferrable + " INITIALLY DEFERRED" * constraint.initially_deferred
        use = f"{shadow.alter}\nADD CONSTRAINT {quoted(beside)} UNIQUE USING INDEX {quoted(beside)}{checked}"
        return Part(name=constraint.name, beside=beside, make=[*drop, *make, soon(use)], drop=drop, constraint=True)

    def _unique_index(self, constraint: Constraint, shadow: Shadow, name: str) -> list[str]:
        action = CreateIndex(
            name=name,
            relation=shown(shadow.table.name, self.before),
            keys=tuple(IndexKey(column) for column in constraint.columns),
            include=constraint.include,
            unique=True,
            nulls_not_distinct=constraint.nulls_not_distinct,
        )
        clear = f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(Name(name, action.relation.schema))}"
        return [clear, create_index(action, concurrently=True)]

    def old_key(self, shadow: Shadow) -> list[str]:
        """Statements for an index of the first column with which it could be the primary key again."""
        key = shadow.table.primary_key
        if key is None or shadow.column not in key.columns:
            return []
        return self._unique_index(key, shadow, next(part.beside for part in self.old(shadow) if part.key))

    def _beside(self, name: str, suffix: str) -> str:
        number = 0
        while True:
            ending = f"_{suffix}{number or ''}"
            found = clip(name, LENGTH - len(ending)) + ending
            if found not in self._taken:
                self._taken.add(found)
                return found
            number += 1


def _refuse_uses(shadow: Shadow) -> None:
    table, column = shadow.table, shadow.column
    if shadow.old.generated or shadow.new.generated:
        raise NotCopied("its values are generated")
    for other in table.columns.values():
        if other.expression is not None and column in other.expression.columns:
            raise NotCopied(f"generated column {other.name} is made of it")
    for trigger in table.triggers.values():
        if column in trigger.columns:
            raise NotCopied(f"trigger {trigger.name} watches it")


def _refuse_change(shadow: Shadow) -> None:
    if bool(shadow.old.identity) != bool(shadow.new.identity):
        raise NotCopied("it becomes an identity column, or is none any more")
    if more := _more(shadow):
        raise NotCopied(f"it gets {more} as well; make that a migration of its own")
    if shadow.new.not_null and not shadow.old.not_null:
        raise NotCopied("it becomes NOT NULL as well; make that a migration of its own")
    if shadow.old.default and not shadow.old.not_null:
        raise NotCopied("it may be NULL and has a default: a row without a value is no row that says NULL")


def _refuse(shadow: Shadow, shadows: Sequence[Shadow]) -> None:
    table, catalog, column = shadow.table, shadow.before, shadow.column
    if table.kind != "table" or table.parents or any(catalog.partitions(table.name)):
        raise NotCopied(f"{table.name.name} is partitioned, or inherits or is inherited from")
    if views := catalog.views_reading(table.name, column):
        raise NotCopied(f"{views[0].kind} {views[0].name.name} reads it")
    if table.policies or table.rules:
        raise NotCopied(f"{table.name.name} has policies or rules")
    for referrer, constraint in catalog.referencing(table.name):
        own = any(one.table.name == referrer.name and one.column in constraint.columns for one in shadows)
        if column in constraint.referenced_columns and not own:
            raise NotCopied(f"foreign key {constraint.name} of {referrer.name.name} refers to it")
    for constraint in table.constraints_on(column):
        if constraint.kind is ConstraintKind.FOREIGN_KEY and (
            constraint.on_delete in ("set null", "set default") or constraint.on_update != "no action"
        ):
            raise NotCopied(f"foreign key {constraint.name} changes it by itself")


def _more(shadow: Shadow) -> str | None:
    """What the second column has to keep to and the first has not: code that runs does not keep to it either."""
    rules: list[Counter[str]] = []
    for catalog, column in ((shadow.after, shadow.end), (shadow.before, shadow.column)):
        table = catalog.table(shadow.relation)
        assert table is not None
        rules.append(Counter(map(_rule, table.constraints_on(column))))
        unique = [one for one in catalog.indexes(table.name) if one.unique and one.involves(column)]
        rules[-1]["a unique index"] = len(unique)
        del rules[-1][""]
    return next(iter(rules[0] - rules[1]), None)


def _rule(constraint: Constraint) -> str:
    """What a constraint demands, in words; empty for NOT NULL, which the column says too."""
    if constraint.kind is ConstraintKind.NOT_NULL:
        return ""
    to = f" to {constraint.references.name}" if constraint.references else ""
    return f"a {constraint.kind.value.upper()} constraint{to}"


def _check(*expressions: Expression | None) -> None:
    """See to it that a text in which a column got another name still says the same of the others.

    Raises:
        NotCopied: The name means something else in it as well.
    """
    for expression in expressions:
        if expression is None:
            continue
        (parsed,) = parse(f"ALTER TABLE t ADD CHECK ({expression.sql})")[0].actions
        again = parsed.constraint.expression if isinstance(parsed, AddConstraint) else None
        if again is None or (again.columns, again.functions) != (expression.columns, expression.functions):
            raise NotCopied(f"it is in an expression that cannot be written anew: {expression.sql}")
