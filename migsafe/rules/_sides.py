"""What the two sides of a conflict have to do with each other."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from migsafe.actions import (
    Action,
    AddColumn,
    AddConstraint,
    AlterComposite,
    AlterConstraint,
    AlterDomain,
    AlterEnum,
    AlterFunction,
    AlterIndex,
    Constraint,
    CreateDomain,
    CreateFunction,
    CreateIndex,
    CreateTable,
    CreateTrigger,
    CreateType,
    CreateView,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    DropTable,
    DropTrigger,
    DropView,
    Insert,
    Merge,
    Name,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameObject,
    RenameTable,
    SetSchema,
    Unknown,
    Update,
    ValidateConstraint,
)
from migsafe.applied import Key
from migsafe.project.operations import ReplayedMigration, ReplayedOperation
from migsafe.rules._python import forward, table
from migsafe.sql.catalog import Catalog


class Side(msgspec.Struct):
    """What migrations of one side do, in words: ``table shop_order``, ``column shop_order.note``.

    Attributes:
        tables: That they change, or whose rows they do.
        parts: What they change that has a name: columns, indexes, constraints, types; tables that they make.
        taken: What they drop, rename or move.
        needed: What they do not change, and what has to be there.
        operations: Django's words for what they do to models.
        unknown: What they do that is not known, and why.
    """

    tables: set[str] = msgspec.field(default_factory=set)
    parts: set[str] = msgspec.field(default_factory=set)
    taken: set[str] = msgspec.field(default_factory=set)
    needed: set[str] = msgspec.field(default_factory=set)
    operations: set[str] = msgspec.field(default_factory=set)
    unknown: list[str] = msgspec.field(default_factory=list)

    def clashes(self, other: "Side") -> tuple[str, ...]:
        """What makes it matter which side comes first."""
        gone = (self.taken & (other.tables | other.needed)) | (other.taken & (self.tables | self.needed))
        operations = {f"“{operation}”" for operation in self.operations & other.operations}
        return tuple(sorted(gone | (self.parts & other.parts) or operations))


def sides(keys: Mapping[Key, Iterable[Key]], replayed: Mapping[Key, ReplayedMigration]) -> dict[Key, Side]:
    """Look at the migrations of each side, by leaf node; tables have the name that they have first."""
    names: dict[int, str] = {}
    found = {leaf: Side() for leaf in keys}
    for leaf, migrations in keys.items():
        for key in migrations:
            if key in replayed:
                _add(replayed[key], found[leaf], names)
            else:
                found[leaf].unknown.append(f"{'.'.join(key)} was not replayed")
    return found


def _add(migration: ReplayedMigration, side: Side, names: dict[int, str]) -> None:
    for operation in migration.operations:
        where = f"{migration.app}.{migration.name}: {operation.description}"
        if operation.models:
            side.operations.add(operation.description)
        if operation.unanalysed:
            side.unknown.append(f"{where}: {operation.unanalysed}")
        if operation.opaque:
            side.unknown += [f"{where}: {reason}" for reason in _add_python(operation, side)]
        for statement in operation.forward:
            for action in statement.parsed.actions:
                if isinstance(action, Unknown):
                    side.unknown.append(f"{where}: {action.reason}")
                else:
                    _add_action(action, statement.before, side, names)


def _add_python(operation: ReplayedOperation, side: Side) -> Iterator[str]:
    """Add the tables that Python code uses; give the reasons why some are not known."""
    functions = tuple(forward(operation))
    if not functions:
        yield operation.opaque or ""
    for function in functions:
        reading = function.reading
        yield from (one.reason for one in reading.unread)
        if reading.sql:
            yield "it sends SQL of its own"
        asked = {one.label.lower() for one in reading.models}
        used = asked | {one.key.rpartition(".")[0] for one in reading.fields}
        tables = {f"table {model.table}" for label in used if (model := function.models.get(label))}
        side.tables |= tables | {f"table {table(one).name}" for one in reading.writes}
        for one in reading.fields:
            label, _, name = one.key.rpartition(".")
            model = function.models.get(label)
            field = model.fields.get(name) if model else None
            if model and field and field.column:
                side.needed.add(f"column {model.table}.{field.column}")


def _add_action(action: Action, catalog: Catalog, side: Side, names: dict[int, str]) -> None:
    def named(relation: Name) -> str:
        table = catalog.table(relation)
        return names.setdefault(table.oid, catalog.display(relation)) if table else catalog.display(relation)

    index = getattr(action, "index", None)
    known = catalog.index(index) if isinstance(index, Name) else None
    relation = getattr(action, "relation", None) or (known.relation if known else None)
    if relation is not None:
        name = named(relation)
        side.tables.add(f"table {name}")
        side.parts |= {f"column {name}.{column}" for column in _columns(action)}
        side.needed |= {f"column {name}.{column}" for column in _columns_needed(action)}
        match action:
            case CreateTable() | CreateView():
                side.parts.add(f"table {name}")
            case DropTable() | DropView() | SetSchema():
                side.taken.add(f"table {name}")
            case RenameTable(new_name=new_name):
                side.taken.add(f"table {name}")
                side.parts.add(f"table {new_name}")
            case DropColumn(column=column) | RenameColumn(column=column):
                side.taken.add(f"column {name}.{column}")
    side.parts |= {f"{kind} {name}" for kind, name in _objects(action)}
    side.needed |= {f"table {named(one)}" for one in _tables_needed(action)}


def _columns(action: Action) -> Iterator[str]:
    """Columns that an action changes; not those of a table that it makes."""
    match action:
        case AddColumn(column=added):
            yield added.name
        case RenameColumn(column=name, new_name=new_name):
            yield from (name, new_name)
        case Update(columns=columns) | Merge(columns=columns) | Insert(updates=columns):
            yield from columns
        case _:
            column = getattr(action, "column", None)
            if isinstance(column, str):
                yield column


def _columns_needed(action: Action) -> Iterator[str]:
    match action:
        case AddConstraint(constraint=constraint):
            yield from constraint.columns
        case CreateIndex(keys=keys):
            yield from (key.column for key in keys if key.column)
        case _:
            pass


def _objects(action: Action) -> Iterator[tuple[str, object]]:
    """What else an action makes, changes or drops, with its kind."""
    match action:
        case AddConstraint(constraint=constraint):
            if constraint.name:
                yield "constraint", constraint.name
        case RenameConstraint(name=name, new_name=new_name):
            yield from (("constraint", name), ("constraint", new_name))
        case DropConstraint(name=name) | ValidateConstraint(name=name) | AlterConstraint(name=name):
            yield "constraint", name
        case CreateIndex(name=str(name)):
            yield "index", name
        case RenameIndex(index=index, new_name=new_name):
            yield from (("index", index.name), ("index", new_name))
        case DropIndex(index=index) | AlterIndex(index=index):
            yield "index", index.name
        case CreateTrigger(name=trigger) | DropTrigger(name=trigger):
            yield "trigger", trigger
        case CreateFunction(function=function) | AlterFunction(function=function):
            yield "function", function
        case CreateType(type=named) | AlterEnum(type=named) | AlterComposite(type=named):
            yield "type", named
        case CreateDomain(domain=named) | AlterDomain(domain=named):
            yield "type", named
        case DropObject(kind=kind, name=named) | RenameObject(kind=kind, name=named):
            yield kind, named
        case _:
            pass


def _tables_needed(action: Action) -> Iterator[Name]:
    """Tables that foreign keys lead to, and that queries read."""
    constraints: list[Constraint] = []
    match action:
        case AddConstraint(constraint=constraint):
            constraints = [constraint]
        case AddColumn(column=column):
            constraints = [*column.constraints]
        case CreateTable():
            constraints = [*action.constraints, *(one for column in action.columns for one in column.constraints)]
            yield from action.inherits
        case _:
            pass
    yield from (one.references for one in constraints if one.references is not None)
    yield from getattr(action, "reads", ())
