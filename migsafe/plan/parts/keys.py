"""What an operation makes of a table's indexes and constraints, all in all, and how to get there while all work.

Django takes foreign keys off while it changes a field, and one operation may make and drop several indexes: what counts
is what is there before and after. Names are those that Django gives, since they are taken from its SQL.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from migsafe.actions import (
    AddConstraint,
    Constraint,
    ConstraintKind,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Name,
    SetConstraints,
    TableCommand,
)
from migsafe.plan.parts import constraints, indexes
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Stage, Way, Work
from migsafe.planning import Check, Kind
from migsafe.project.operations import SqlStatement
from migsafe.sql.catalog import Catalog, Index, Table
from migsafe.written.definitions import constraint_definition, index_of, shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate
from migsafe.written.partitions import is_partitioned

RELEASED = "A constraint is dropped, which takes a moment; if the lock is not to be had soon, this fails: try again."
CHECKED_LATER = "MS310"
"""Code of the rule about constraints that become DEFERRABLE, or no longer are."""

KINDS = (ConstraintKind.UNIQUE, ConstraintKind.CHECK)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of the indexes and constraints of one table.

    Attributes:
        relation: As SQL names it.
        before: The schema before it.
        builds: New indexes that belong to no constraint, each with its statement.
        constrains: New UNIQUE and CHECK constraints, each with the schema that its statement meets.
        releases: UNIQUE and CHECK constraints that go.
        drops: Indexes that go, those of constraints aside.
    """

    relation: Name
    before: Catalog
    builds: tuple[tuple[CreateIndex, SqlStatement], ...]
    constrains: tuple[tuple[Constraint, Catalog], ...]
    releases: tuple[Constraint, ...]
    drops: tuple[Index, ...]


def change(work: Work, *, beside: bool = False) -> Change | NoWay | None:
    """What an operation does, if it does nothing but this, to one table.

    Args:
        beside: Whether it may change the table's columns as well; then what it does once that is done.
    """
    before = after = work.catalog
    touched: set[Name] = set()
    for _, action in work.actions():
        match action:
            case CreateIndex() | AddConstraint() | DropConstraint():
                if taken := _taken(action, after):
                    return NoWay(why=f"there is something called {taken} already, so that PostgreSQL refuses it")
                touched.add(before.locate(action.relation))
            case DropIndex():
                index = after.index(action.index)
                touched.update([index.relation] if index else [])
            case SetConstraints():
                pass
            case TableCommand() if beside:
                before = before.after(action)
            case _:
                return None
        after = after.after(action)
    if len(touched) != 1:
        return None
    name = touched.pop()
    old, new = before.table(name), after.table(name)
    if old is None or new is None or _bare(old) != _bare(new):
        return None
    was, now = ({index.name: replace(index, oid=0) for index in one.indexes(name)} for one in (before, after))
    builds = tuple(
        (action, statement)
        for statement, action in work.actions()
        if isinstance(action, CreateIndex) and Name(action.name or "", name.schema) in now.keys() - was
    )
    constrains = tuple(
        (new.constraints[action.constraint.name], statement.before)
        for statement, action in work.actions()
        if isinstance(action, AddConstraint) and action.constraint.name in new.constraints.keys() - old.constraints
    )
    added = [one for key, one in new.constraints.items() if key not in old.constraints]
    releases = [one for key, one in old.constraints.items() if key not in new.constraints]
    changed = [one for one in was if one in now and was[one] != now[one]]
    changed += [
        name for one in old.constraints if new.constraints.get(one, old.constraints[one]) != old.constraints[one]
    ]
    own = [index for key, index in now.items() if key not in was and index.constraint is None]
    if (
        changed
        or len(own) != len(builds)
        or len(added) != len(constrains)
        or any(one.kind not in KINDS for one in (*added, *releases))
    ):
        return None
    return Change(
        relation=shown(name, before),
        before=before,
        builds=builds,
        constrains=constrains,
        releases=tuple(releases),
        drops=tuple(index for key, index in was.items() if key not in now and index.constraint is None),
    )


def _taken(action: CreateIndex | AddConstraint | DropConstraint, catalog: Catalog) -> str | None:
    """The name that it would give though something has it."""
    if isinstance(action, DropConstraint):
        return None
    name = action.name if isinstance(action, CreateIndex) else action.constraint.name
    table = catalog.table(action.relation)
    if name is None or table is None:
        return None
    is_constraint = isinstance(action, AddConstraint) and name in table.constraints
    return name if is_constraint or catalog.index(Name(name, table.name.schema)) else None


def _bare(table: Table) -> Table:
    return replace(table, constraints={}, indexes=())


def refused(work: Work) -> NoWay:
    """Why there is no plan for what Django does not even begin."""
    finding = work.findings[0]
    return NoWay(why=f"{finding.message[0].lower()}{finding.message[1:]}", instead=finding.fix)


def way(work: Work, name: str) -> Planned:
    """The way for an operation that does nothing but this; None for another one.

    Args:
        name: What its migrations are about.
    """
    found = change(work)
    return stages(work, found, name) if isinstance(found, Change) else found


def stages(work: Work, found: Change, name: str, first: Piece | None = None) -> Planned:
    """The way to a change of indexes and constraints.

    Args:
        first: What is done before all else.
    """
    for finding in work.findings:
        if finding.code == CHECKED_LATER:
            return NoWay(why=f"{finding.message}: {finding.why}", instead=finding.fix)
    pieces = _pieces(work, found, name)
    if isinstance(pieces, NoWay):
        return pieces
    asked = list(promises(work, found))
    before = (first,) if first else ()
    if asked:
        return Way(stages=promised(asked, pieces, before))
    kind: Kind = "expand" if found.builds or found.constrains or found.releases else "contract"
    return Way(stages=(Stage(kind=kind, pieces=(*before, *pieces)),))


def promised(
    asked: Sequence[tuple[Duty, Check]], pieces: Sequence[Piece], before: Sequence[Piece] = ()
) -> tuple[Stage, Stage]:
    """What the server may refuse once code keeps to it: first the code, then the migrations."""
    return (
        Stage(
            kind="expand",
            pieces=tuple(before),
            duties=tuple(duty for duty, _ in asked),
            then=tuple(check for _, check in asked),
        ),
        Stage(kind="contract", pieces=tuple(pieces)),
    )


def _pieces(work: Work, found: Change, name: str) -> tuple[Piece, ...] | NoWay:
    apart: list[Piece] = []
    attached: list[Piece] = []
    together: list[Piece] = []
    for action, statement in found.builds:
        sql = statement.parsed.sql
        if not is_partitioned(found.relation, found.before):
            apart.append(indexes.built([(action, sql)], name=name))
            continue
        both = indexes.built_on_partitions(action, sql, statement.before, name=name)
        if isinstance(both, NoWay):
            return both
        apart.append(both[0])
        attached.append(both[1])
    checks = []
    for constraint, met in found.constrains:
        if constraint.kind is ConstraintKind.CHECK:
            add, validate = constraints.check(found.relation, constraint, name=name)
            together.append(add)
            checks.append(validate)
        else:
            index, constrain = constraints.unique(found.relation, constraint, met, name=name)
            apart.append(index)
            together.append(constrain)
    together += [_released(found.relation, constraint) for constraint in found.releases]
    drops = [indexes.dropped(found.drops, found.before, name=f"{name}_drop")] if found.drops else []
    groups = [
        _merged(apart, f"{name}_index" if attached or together else name),
        _merged(attached, name),
        _merged(together, name),
        _merged(checks, f"validate_{name}"),
        _merged(drops, f"{name}_drop_index" if apart or together else name),
    ]
    told = next(place for place in (2, 1, 4, 0) if groups[place])
    return tuple(
        dataclasses.replace(
            piece,
            operations=(in_state(work, piece),) if place == told else piece.operations,
            imports=work.imports if place == told else (),
            codes=work.codes,
        )
        for place, piece in enumerate(groups)
        if piece
    )


def in_state(work: Work, piece: Piece) -> str:
    """The operations of a migration for the database, and the author's own for Django's state."""
    assert work.written is not None
    return separate(database=list(piece.operations), state=[work.written.code])


def _merged(pieces: Sequence[Piece], name: str) -> Piece | None:
    if not pieces:
        return None
    return dataclasses.replace(
        pieces[0],
        operations=tuple(operation for piece in pieces for operation in piece.operations),
        name=name,
        why=" ".join(dict.fromkeys(piece.why for piece in pieces)),
    )


def _released(relation: Name, constraint: Constraint) -> Piece:
    table = f"ALTER TABLE {quoted(relation)}"
    drop = f"{table}\nDROP CONSTRAINT {quoted(constraint.name or '')}"
    again = f"{table}\nADD {constraint_definition(constraint, valid=constraint.valid)}"
    return Piece(operations=(run_sql([GIVE_UP, drop], again),), name="", why=RELEASED)


def promises(work: Work, found: Change) -> Iterator[tuple[Duty, Check]]:
    """What code has to keep to before the server makes sure of it."""
    for constraint, _ in found.constrains:
        if constraint.kind is ConstraintKind.CHECK and constraint.expression:
            duty = _duty(work, constraint.columns, f"save rows for which {constraint.expression.sql} is false")
            yield duty, constraints.no_violations(found.relation, constraint.expression, found.before)
    uniques = [index_of(found.relation, one) for one, _ in found.constrains if one.kind is ConstraintKind.UNIQUE]
    for index in (*uniques, *(action for action, _ in found.builds if action.unique)):
        if constraints.is_unique_already(index, found.before):
            continue
        deferred = any(one.name == index.name and one.deferrable for one, _ in found.constrains)
        yield distinct(work, index, found.before, deferred=deferred)


def distinct(work: Work, index: CreateIndex, catalog: Catalog, *, deferred: bool = False) -> tuple[Duty, Check]:
    """What a unique index asks of code, and whether it can be built.

    Args:
        deferred: Whether code of the end may have duplicates until its transaction ends.
    """
    columns = [key.column for key in index.keys if key.column]
    rows = indexes.duplicates(index, lambda column: _field(work, column))
    moment = ", not even until its transaction ends" if deferred else ""
    return _duty(work, columns, f"save {rows}{moment}"), constraints.no_duplicates(index, catalog)


def _duty(work: Work, columns: Sequence[str], must_not: str) -> Duty:
    field = _field(work, columns[0]) if len(columns) == 1 else None
    return Duty(model=work.label, field=field, must_not=must_not)


def _field(work: Work, column: str) -> str:
    fields = work.model_after.fields.values() if work.model_after else ()
    return next((field.name for field in fields if field.column == column), column)
