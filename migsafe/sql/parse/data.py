"""SELECT, INSERT, UPDATE, DELETE, MERGE and COPY."""

from collections.abc import Collection, Iterator
from typing import Any, Literal

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
    return tuple(_sources(*parts))


def read_only(*parts: Message) -> tuple[Name, ...]:
    """Those of them that it refers to with ONLY each time."""
    return tuple(name for name, only in _sources(*parts).items() if only)


def _sources(*parts: Message) -> dict[Name, bool]:
    found: dict[Name, bool] = {}
    local: set[str] = set()
    written: set[int] = set()
    for part in parts:
        # FOR UPDATE OF names aliases.
        for message in descendants(part, skip=pb.LockingClause):
            if isinstance(message, pb.InsertStmt):
                written.add(message.relation.location)
            elif isinstance(message, pb.CommonTableExpr):
                local.add(message.ctename)
            elif isinstance(message, pb.RangeVar) and message.location not in written:
                name = relation(message)
                found[name] = found.get(name, True) and not message.inh
    return {name: only for name, only in found.items() if name.schema is not None or name.name not in local}


def reads_columns(*parts: Message) -> tuple[str, ...] | None:
    """Names of columns in a query, whosever they are; None if it also means columns that it does not name."""
    found: dict[str, None] = {}
    relations: set[str] = set()
    for message in (message for part in parts for message in descendants(part)):
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
        elif isinstance(message, pb.InsertStmt | pb.UpdateStmt):
            targets = message.cols if isinstance(message, pb.InsertStmt) else message.target_list
            found |= dict.fromkeys(target.res_target.name for target in targets)
    return None if relations & found.keys() else tuple(found)


def functions(*parts: Message) -> tuple[Name, ...]:
    calls = (message for part in parts for message in descendants(part) if isinstance(message, pb.FuncCall))
    return tuple(dict.fromkeys(dotted(call.funcname) for call in calls))


def grouped(query: Message) -> bool:
    return any(isinstance(message, pb.SelectStmt) and message.group_clause for message in descendants(query))


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
            locked=locked(node),
            reads_columns=reads_columns(node),
        )
        return
    strengths = [clause.strength for clause in descendants(node) if isinstance(clause, pb.LockingClause)]
    yield actions.Select(
        reads=reads(node),
        only=read_only(node),
        functions=functions(node),
        for_update=_ROW_LOCKS[max(strengths)] if strengths else None,
        locked=locked(node) if strengths else (),
    )


def locked(node: Message) -> tuple[Name, ...]:
    """Relations whose rows FOR UPDATE and its like lock, in a query and those inside it."""
    return tuple(dict.fromkeys(_locked(node)))


def _locked(node: Message) -> Iterator[Name]:
    for query in descendants(node):
        if not isinstance(query, pb.SelectStmt):
            continue
        for item in query.locking_clause:
            aliases = {target.range_var.relname for target in item.locking_clause.locked_rels}
            for source in query.from_clause:
                yield from _row_locked(source, aliases)


def _row_locked(source: pb.Node, aliases: Collection[str]) -> Iterator[Name]:
    """Without aliases the clause is about all that the query selects from."""
    if source.HasField("range_var"):
        table = source.range_var
        if not aliases or (table.alias.aliasname or table.relname) in aliases:
            yield relation(table)
    elif source.HasField("join_expr"):
        yield from _row_locked(source.join_expr.larg, aliases)
        yield from _row_locked(source.join_expr.rarg, aliases)
    elif source.HasField("range_subselect"):
        inner = source.range_subselect
        if not aliases or inner.alias.aliasname in aliases:
            for item in inner.subquery.select_stmt.from_clause:
                yield from _row_locked(item, ())


@adapter("insert_stmt")
def insert(node: pb.InsertStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    parts = (node.with_clause, node.select_stmt, node.on_conflict_clause, node.returning_clause)
    conflict = node.on_conflict_clause
    yield actions.Insert(
        relation=relation(node.relation),
        reads=reads(*parts),
        functions=functions(*parts),
        conflict=_ON_CONFLICT.get(conflict.action),
        arbiter=conflict.infer.conname or None,
        inferred=bool(conflict.infer.index_elems),
        updates=tuple([target.res_target.name for target in conflict.target_list]),
    )


_ON_CONFLICT: dict[int, Literal["nothing", "update"]] = {
    pb.ONCONFLICT_NOTHING: "nothing",
    pb.ONCONFLICT_UPDATE: "update",
}


@adapter("update_stmt")
def update(node: pb.UpdateStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    parts = (node.with_clause, *node.from_clause, *node.target_list, node.where_clause, node.returning_clause)
    yield actions.Update(
        relation=relation(node.relation),
        columns=tuple([target.res_target.name for target in node.target_list]),
        filtered=node.HasField("where_clause"),
        nulls=tuple(_nulls(node.where_clause)),
        uses=reads_columns(*(target.res_target.val for target in node.target_list)),
        only=not node.relation.inh,
        reads=reads(*parts),
        functions=functions(*parts),
    )


def _nulls(condition: pb.Node) -> Iterator[str]:
    """Columns that a condition wants to be NULL."""
    if condition.HasField("null_test"):
        test = condition.null_test
        if test.nulltesttype == pb.IS_NULL and test.arg.HasField("column_ref"):
            yield test.arg.column_ref.fields[-1].string.sval
    elif condition.HasField("bool_expr") and condition.bool_expr.boolop == pb.AND_EXPR:
        for argument in condition.bool_expr.args:
            yield from _nulls(argument)


@adapter("delete_stmt")
def delete(node: pb.DeleteStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    parts = (node.with_clause, *node.using_clause, node.where_clause, node.returning_clause)
    yield actions.Delete(
        relation=relation(node.relation),
        filtered=node.HasField("where_clause"),
        only=not node.relation.inh,
        reads=reads(*parts),
        functions=functions(*parts),
    )


_MERGE_COMMANDS = {pb.CMD_INSERT: "insert", pb.CMD_UPDATE: "update", pb.CMD_DELETE: "delete"}


@adapter("merge_stmt")
def merge(node: pb.MergeStmt) -> Iterator[Action]:
    yield from _changes_in_with(node.with_clause)
    parts = (node.with_clause, node.source_relation, node.join_condition, *node.merge_when_clauses)
    clauses = [item.merge_when_clause for item in node.merge_when_clauses]
    commands = dict.fromkeys(_MERGE_COMMANDS.get(clause.command_type) for clause in clauses)
    columns = dict.fromkeys(
        column.res_target.name
        for clause in clauses
        if clause.command_type == pb.CMD_UPDATE
        for column in clause.target_list
    )
    yield actions.Merge(
        relation=relation(node.relation),
        commands=tuple(command for command in commands if command),
        columns=tuple(columns),
        only=not node.relation.inh,
        reads=reads(*parts),
        functions=functions(*parts),
    )


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
    done = tuple(of_query(node.query))
    if options.get("analyze", "off") in ("", "on", "true", "1"):
        yield from done
    elif len(done) == 1 and isinstance(done[0], actions.Execute):
        yield actions.Execute(name=done[0].name, planned=True)
    else:
        yield actions.Plan(command="explain", actions=done)


@adapter("declare_cursor_stmt")
def declare_cursor(node: pb.DeclareCursorStmt) -> Iterator[Action]:
    yield actions.Plan(command="declare cursor", actions=tuple(of_query(node.query)))


@adapter("prepare_stmt")
def prepare(node: pb.PrepareStmt) -> Iterator[Action]:
    yield actions.Plan(command="prepare", name=node.name, actions=tuple(of_query(node.query)))


@adapter("execute_stmt")
def execute(node: pb.ExecuteStmt) -> Iterator[Action]:
    yield actions.Execute(name=node.name)


@adapter("deallocate_stmt")
def deallocate(node: pb.DeallocateStmt) -> Iterator[Action]:
    yield actions.Deallocate(name=node.name or None)


def of_query(node: pb.Node) -> Iterator[Action]:
    """Actions of a statement that stands inside another one."""
    kind = node.WhichOneof("node")
    assert kind is not None
    statement: Any = getattr(node, kind)
    yield from ADAPTERS[kind](statement)
