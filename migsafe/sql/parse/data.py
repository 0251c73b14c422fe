"""SELECT, INSERT, UPDATE, DELETE, MERGE and COPY."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from postgast import pg_query_pb2 as pb

from migsafe import actions
from migsafe.actions import Action, Name
from migsafe.sql.parse.expressions import descendants
from migsafe.sql.parse.registry import ADAPTERS, adapter, dotted, relation, strings

_ROW_LOCKS = {
    pb.LCS_FORKEYSHARE: "key share",
    pb.LCS_FORSHARE: "share",
    pb.LCS_FORNOKEYUPDATE: "no key update",
    pb.LCS_FORUPDATE: "update",
}


def reads(*parts: Message) -> tuple[Name, ...]:
    """Relations that a query refers to; names of its own WITH queries are none."""
    found: dict[Name, None] = {}
    local: set[str] = set()
    for part in parts:
        # FOR UPDATE OF names aliases.
        for message in descendants(part, skip=pb.LockingClause):
            if isinstance(message, pb.RangeVar):
                found[relation(message)] = None
            elif isinstance(message, pb.CommonTableExpr):
                local.add(message.ctename)
    return tuple(name for name in found if name.schema is not None or name.name not in local)


def reads_columns(query: Message) -> tuple[str, ...] | None:
    """Names of columns in a query, whosever they are; None if it also means columns that it does not name."""
    found: dict[str, None] = {}
    relations: set[str] = set()
    for message in descendants(query):
        if isinstance(message, pb.RangeVar):
            relations |= {message.relname, message.alias.aliasname}
        elif isinstance(message, pb.ColumnRef):
            if not message.fields[-1].HasField("string"):
                return None
            found[message.fields[-1].string.sval] = None
        elif isinstance(message, pb.JoinExpr):
            if message.is_natural:
                return None
            found |= dict.fromkeys(strings(message.using_clause))
    return None if relations & found.keys() else tuple(found)


def functions(*parts: Message) -> tuple[Name, ...]:
    calls = (message for part in parts for message in descendants(part) if isinstance(message, pb.FuncCall))
    return tuple(dict.fromkeys(dotted(call.funcname) for call in calls))


def _changes_in_with(clause: pb.WithClause) -> Iterator[Action]:
    """INSERT, UPDATE and DELETE that stand as WITH queries."""
    for item in clause.ctes:
        query = item.common_table_expr.ctequery
        kind = query.WhichOneof("node")
        if kind in ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"):
            yield from ADAPTERS[kind](getattr(query, kind))


@adapter("select_stmt")
def select(node: pb.SelectStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    # In a set operation the first SELECT carries it.
    first = node
    while first.HasField("larg"):
        first = first.larg
    if first.HasField("into_clause"):
        into = first.into_clause.rel
        made = relation(into)
        yield actions.CreateTable(
            relation=made,
            temporary=into.relpersistence == "t",
            unlogged=into.relpersistence == "u",
            reads=tuple(name for name in reads(node) if name != made),
        )
        return
    locking = [clause.locking_clause.strength for clause in node.locking_clause]
    yield actions.Select(
        reads=reads(node), functions=functions(node), for_update=_ROW_LOCKS[max(locking)] if locking else None
    )


@adapter("insert_stmt")
def insert(node: pb.InsertStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    yield actions.Insert(
        relation=relation(node.relation),
        reads=reads(node.with_clause, node.select_stmt, node.on_conflict_clause, node.returning_clause),
    )


@adapter("update_stmt")
def update(node: pb.UpdateStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    yield actions.Update(
        relation=relation(node.relation),
        columns=tuple([target.res_target.name for target in node.target_list]),
        filtered=node.HasField("where_clause"),
        reads=reads(node.with_clause, *node.from_clause, *node.target_list, node.where_clause, node.returning_clause),
    )


@adapter("delete_stmt")
def delete(node: pb.DeleteStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    yield actions.Delete(
        relation=relation(node.relation),
        filtered=node.HasField("where_clause"),
        reads=reads(node.with_clause, *node.using_clause, node.where_clause, node.returning_clause),
    )


@adapter("merge_stmt")
def merge(node: pb.MergeStmt) -> Iterator[Action]:
    """As the changes that its WHEN clauses make."""
    yield from _changes_in_with(node.with_clause)
    target = relation(node.relation)
    read = reads(node.with_clause, node.source_relation, node.join_condition, *node.merge_when_clauses)
    clauses = [item.merge_when_clause for item in node.merge_when_clauses]
    commands = {clause.command_type for clause in clauses}
    if pb.CMD_INSERT in commands:
        yield actions.Insert(relation=target, reads=read)
    if pb.CMD_UPDATE in commands:
        columns = dict.fromkeys(
            column.res_target.name
            for clause in clauses
            if clause.command_type == pb.CMD_UPDATE
            for column in clause.target_list
        )
        yield actions.Update(relation=target, columns=tuple(columns), filtered=True, reads=read)
    if pb.CMD_DELETE in commands:
        yield actions.Delete(relation=target, filtered=True, reads=read)


@adapter("copy_stmt")
def copy(node: pb.CopyStmt) -> Iterator[Action]:
    if node.HasField("relation"):
        yield actions.Copy(relation=relation(node.relation), into=node.is_from)
    else:
        yield from of_query(node.query)


@adapter("call_stmt")
def call(node: pb.CallStmt) -> Iterator[Action]:
    yield actions.Select(reads=reads(node.funccall), functions=functions(node.funccall))


@adapter("truncate_stmt")
def truncate(node: pb.TruncateStmt) -> Iterator[Action]:
    for item in node.relations:
        yield actions.Truncate(
            relation=relation(item.range_var),
            together=tuple([relation(each.range_var) for each in node.relations]),
            only=not item.range_var.inh,
            cascade=node.behavior == pb.DROP_CASCADE,
        )


@adapter("explain_stmt")
def explain(node: pb.ExplainStmt) -> Iterator[Action]:
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.options}
    if options.get("analyze", "off") in ("", "on", "true", "1"):
        yield from of_query(node.query)
    else:
        yield actions.Other(command="EXPLAIN")


def of_query(node: pb.Node) -> Iterator[Action]:
    """Actions of a statement that stands inside another one."""
    kind = node.WhichOneof("node")
    assert kind is not None
    statement: Any = getattr(node, kind)
    yield from ADAPTERS[kind](statement)
