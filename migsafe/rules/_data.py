"""What a migration does to rows, by SQL and by Python code, and what runs before and after it in the transaction."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from migsafe.actions import (
    Action,
    CreateIndex,
    Delete,
    DropTable,
    Insert,
    Name,
    RenameColumn,
    RenameConstraint,
    SetConstraints,
    TableCommand,
    Truncate,
    Update,
)
from migsafe.project.operations import ReplayedOperation
from migsafe.python import PythonFunction, Write
from migsafe.rules._context import Executed, MigrationContext
from migsafe.rules._python import forward, sent, table, who
from migsafe.sql.catalog import Catalog


class RowChange(NamedTuple):
    """Rows of a table that a migration changes.

    Attributes:
        columns: Those that get a value; None when that is not known.
        who: The function or the statement, as messages name it.
        before: What the server gets before it, and ``after``, in the same transaction.
    """

    operation: ReplayedOperation
    relation: Name
    kind: Literal["insert", "update", "delete"]
    columns: frozenset[str] | None
    who: str
    before: tuple[Executed, ...]
    after: tuple[Executed, ...]

    @property
    def catalog(self) -> Catalog | None:
        """The schema that it meets; None if nothing runs after it."""
        return self.after[0].step.before if self.after else None


def row_changes(context: MigrationContext) -> Iterator[RowChange]:
    """All changes of rows in transactions, one for each table and kind of an operation."""
    for operation in context.migration.operations:
        if operation.atomic:
            seen = set()
            for change in (*_by_python(operation, context), *_by_sql(operation, context)):
                if (change.relation, change.kind) not in seen:
                    seen.add((change.relation, change.kind))
                    yield change


KINDS: dict[str, Literal["insert", "update", "delete"]] = {
    "update": "update",
    "save": "update",
    "bulk_update": "update",
    "create": "insert",
    "get_or_create": "insert",
    "update_or_create": "insert",
    "bulk_create": "insert",
    "delete": "delete",
}


def _by_python(operation: ReplayedOperation, context: MigrationContext) -> Iterator[RowChange]:
    own = [one for one in context.executed if _together(one, operation, context)]
    before = tuple(one for one in own if not one.statement.deferred and one.operation.index < operation.index)
    after = tuple(one for one in own if one.statement.deferred or one.operation.index > operation.index)
    for function in forward(operation):
        # What it sends in SQL is carried out at once.
        immediate = any(isinstance(action, SetConstraints) for code in function.reading.sql for action in sent(code))
        for write in function.reading.writes:
            yield RowChange(
                operation=operation,
                relation=table(write),
                kind=KINDS[write.kind],
                columns=frozenset() if immediate else _columns(function, write),
                who=who(function, write.place, context),
                before=before,
                after=() if immediate else after,
            )


def _by_sql(operation: ReplayedOperation, context: MigrationContext) -> Iterator[RowChange]:
    if operation.is_a("FieldOperation"):
        return
    own = [one for one in context.executed if _together(one, operation, context)]
    for position, executed in enumerate(own):
        action = executed.step.action
        if executed.operation is not operation or not isinstance(action, Insert | Update | Delete):
            continue
        yield RowChange(
            operation=operation,
            relation=action.relation,
            kind="insert" if isinstance(action, Insert) else "update" if isinstance(action, Update) else "delete",
            columns=frozenset(action.columns) if isinstance(action, Update) else None,
            who=type(action).__name__.upper(),
            before=tuple(own[:position]),
            after=tuple(own[position + 1 :]),
        )


def _together(executed: Executed, operation: ReplayedOperation, context: MigrationContext) -> bool:
    """Whether something runs in the transaction of an operation."""
    same = context.migration.atomic or executed.operation is operation
    return same and executed.statement.transaction


def _columns(function: PythonFunction, write: Write) -> frozenset[str] | None:
    model = function.models.get(write.model)
    if write.fields is None or model is None:
        return None
    steps = (function.models.queried(model).get(name) for name in write.fields if name not in write.cleared)
    return frozenset(step.field.column for step in steps if step and step.field.column)


def pending(change: RowChange) -> frozenset[str]:
    """The foreign keys whose check such a change leaves for the end of the transaction, by name.

    Asked of all servers: an insert into the referring table does, a new value of the referring column, and a delete
    from the table that is referred to.
    """
    catalog = change.catalog
    found = catalog.table(change.relation) if catalog else None
    if catalog is None or found is None:
        return frozenset()
    if change.kind == "delete":
        keys = [key for _, key in catalog.referencing(change.relation)]
    else:
        keys = [key for key in found.constraints.values() if key.references]
    if change.kind == "update":
        keys = [key for key in keys if set(key.columns).intersection(change.columns or ())]
    deferred = frozenset(key.name or "" for key in keys if key.initially_deferred and key.enforced)
    for executed in change.before:
        deferred = still_pending(deferred, executed.step.action)
    return deferred


def still_pending(keys: frozenset[str], action: Action) -> frozenset[str]:
    """Those of the keys that are not checked at once after an action (``SET CONSTRAINTS … IMMEDIATE``)."""
    if not isinstance(action, SetConstraints) or action.deferred:
        return keys
    return keys - {name.name for name in action.names} if action.names else frozenset()


def reaches_all(action: Update | Delete) -> bool:
    """Whether it changes all rows, or fills a column wherever that is empty: nearly all, as far as one can see."""
    return not action.filtered or (isinstance(action, Update) and bool(set(action.nulls).intersection(action.columns)))


def refused(action: Action, change: RowChange) -> bool:
    """Whether an action is refused for a table with such checks (``CheckTableNotInUse``)."""
    if isinstance(action, CreateIndex | Truncate | DropTable | TableCommand) and not isinstance(
        action, RenameColumn | RenameConstraint
    ):
        return action.relation.name == change.relation.name
    return False
