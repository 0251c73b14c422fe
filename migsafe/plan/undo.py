"""What the way back from a deploy may fail at: the schema before it forbids rows that code may have made by then."""

from collections.abc import Iterator

from msgspec.structs import replace

from migsafe.actions import Constraint, ConstraintKind
from migsafe.plan.parts.constraints import is_unique_already
from migsafe.plan.parts.indexes import duplicates
from migsafe.sql.catalog import Catalog, Index, Table
from migsafe.written.definitions import index_action


def refused_back(start: Catalog, before: Catalog, after: Catalog) -> Iterator[str]:
    """In sentences: which uniqueness and which checks a deploy takes away.

    Args:
        start: The schema before the plan: what only a plan has put there holds for all rows anyway.
        before: That before the deploy.
        after: That after it.
    """
    there, left = ({table.oid: table for table in one.tables.values()} for one in (before, after))
    for table in sorted(start.tables.values(), key=lambda table: table.oid):
        was, now = there.get(table.oid), left.get(table.oid)
        if was is None or now is None or now.partition_of:
            continue
        rows = [
            duplicates(index_action(index))
            for index in before.indexes(was.name)
            if index.name.name in table.indexes and _is_gone(index, now, after)
        ]
        rows += [
            f"rows for which {one.expression.sql} is false"
            for key, one in was.constraints.items()
            if key in table.constraints and one.expression and _is_checked_no_more(one, now)
        ]
        yield from (f"That fails once {after.display(now.name)} has {one}." for one in rows)


def _is_gone(index: Index, table: Table, after: Catalog) -> bool:
    """Whether a table may have rows that a unique index has refused."""
    columns = {key.column for key in index.keys if key.column}
    if not index.unique or index.primary or not columns <= table.columns.keys():
        return False
    gone, others = replace(index_action(index), relation=table.name), after.indexes(table.name)
    same = any((one.unique, one.keys, one.where) == (True, gone.keys, gone.where) for one in others)
    return not same and not is_unique_already(gone, after)


def _is_checked_no_more(constraint: Constraint, table: Table) -> bool:
    if constraint.kind is not ConstraintKind.CHECK or not table.columns.keys() >= set(constraint.columns):
        return False
    checks = [one.expression.sql for one in table.constraints.values() if one.expression]
    return constraint.expression is not None and constraint.expression.sql not in checks
