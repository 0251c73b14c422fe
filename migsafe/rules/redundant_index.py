"""An index that another one makes redundant.

## What it catches
An index over the same columns as another one, or over the first of its columns. Often Django has made the other one by
itself: for a foreign key, ``db_index=True``, ``unique=True``, ``unique_together`` or a ``UniqueConstraint``. Reported
only if both are still there at the end of the history.

## Why it hurts
Every INSERT, and most UPDATEs, write to both; both take disk and memory. Queries need only one of them.

## Do this instead
Keep the longer or the unique one. For a field that Django indexes by itself, that is ``db_index=False``.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from migsafe.actions import AddColumn, AddConstraint, CreateIndex, CreateTable, IndexKey
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Pending, Rule
from migsafe.rules._fixes import migration, python, steps
from migsafe.sql.catalog import Catalog, Index
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS207",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="Index {index} on {relation} ({keys}) is redundant beside {other} ({other_keys})",
    why=(
        "Every query that {index} helps is helped by {other} as well, and every request that saves to {relation} has to"
        " write to both."
    ),
)


@rule.on(CreateIndex, AddConstraint, AddColumn, CreateTable)
def check(action: CreateIndex | AddConstraint | AddColumn | CreateTable, context: Context) -> Iterator[Pending]:
    if context.fails:
        return
    after = context.catalog.after(action)
    for new in after.indexes(action.relation):
        # Names that a later operation gives are not followed.
        if new.oid < context.catalog.next_oid or not _is_there(new, context.migration.after):
            continue
        older = [index for index in context.migration.after.indexes(new.relation) if index.oid < new.oid]
        for old in older:
            if not (pair := _redundant(new, old)):
                continue
            index, other = pair
            # What was redundant before has been said before.
            said = index is old and any(each is not old and _serves(each, old) for each in older)
            if not said and (pending := _pending(index, other, new, context)):
                yield pending
                break


def _pending(index: Index, other: Index, new: Index, context: Context) -> Pending | None:
    exact = len(index.keys) == len(other.keys)
    if not exact and context.created_here(new.relation):
        return None  # the usual price of a foreign key in a unique constraint
    finding = rule.finding(
        context,
        relation=new.relation,
        about=index.name.name,
        severity=Severity.WARNING if exact else Severity.INFO,
        index=context.display(index.name),
        keys=_shown(index),
        other=context.display(other.name),
        other_keys=_shown(other),
        fix=_fix_of_new(index, other, context) if index is new else _fix_of_old(index, other),
    )
    return Pending(finding, (index, other))


@rule.on_end
def at_end(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    for one in pending:
        if all(_is_there(index, end()) for index in one.about):
            yield one.finding


def _is_there(index: Index, catalog: Catalog) -> bool:
    found = catalog.index(index.name)
    return found is not None and found.oid == index.oid


def _redundant(new: Index, old: Index) -> tuple[Index, Index] | None:
    """Which of two indexes the other makes redundant, and the other."""
    if _serves(old, new):
        return new, old
    return (old, new) if _serves(new, old) else None


def _serves(one: Index, other: Index) -> bool:
    """Whether an index does all that another one is for."""
    if one.method != other.method or one.where != other.where or one.parent or other.parent or not one.valid:
        return False
    keys, length = _keys(one), len(other.keys)
    if keys[:length] != _keys(other) or not set(other.include) <= {*one.include, *one.columns}:
        return False
    if other.unique:
        same = len(keys) == length and one.unique and one.nulls_not_distinct == other.nulls_not_distinct
        return same and (other.constraint is None or one.constraint is not None)
    return len(keys) == length or one.method == "btree"


def _keys(index: Index) -> list[IndexKey]:
    return [replace(key, label=None) for key in index.keys]


def _shown(index: Index) -> str:
    return ", ".join(map(_shown_key, index.keys))


def _shown_key(key: IndexKey) -> str:
    what = key.column or (key.expression.sql if key.expression else "")
    return " ".join(part for part in (what, str(key.opclass or ""), key.order.upper()) if part)


def _fix_of_new(index: Index, other: Index, context: Context) -> str:
    written = context.written
    field = written.call("field", 2) if written and context.operation.is_a("FieldOperation") else None
    if written and field:
        kept = written.replacing("field", 2, field.adding("db_index", "False").code)
        return steps(f"Do not let Django index the field, since {other.name.name} is there:", python(f"{kept},"))
    return (
        f"Leave `{index.name.name}` out. Django indexes foreign keys, and what is unique, by itself: if"
        f" `{other.name.name}` is such an index, an entry in `Meta.indexes` is not needed; or keep the entry, and set"
        " `db_index=False` on the field."
    )


def _fix_of_old(index: Index, other: Index) -> str:
    return steps(
        f"Once `{other.name.name}` is there, drop `{index.name.name}` in a migration of its own; beside it, in"
        " `state_operations`, set `db_index=False` on its field, or take it out of `Meta.indexes`:",
        migration(run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(index.name)}", None), atomic=False),
    )
