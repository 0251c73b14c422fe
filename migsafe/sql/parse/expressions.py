"""Types and expressions of the parse tree."""

from collections.abc import Iterator

from google.protobuf.message import Message
from postgast import deparse
from postgast import pg_query_pb2 as pb

from migsafe.actions import Comparison, Constant, Expression, Name, Type
from migsafe.sql.parse.registry import dotted

_INTERVAL_FULL_RANGE = 0x7FFF
_INTERVAL_FIELDS = {2: "year", 1: "month", 3: "day", 10: "hour", 11: "minute", 12: "second"}
"""Bit numbers of interval fields, coarsest first (PostgreSQL's ``utils/datetime.h``)."""

_CLOCK = Name("now")
_VALUE_FUNCTIONS = {
    pb.SVFOP_CURRENT_ROLE: Name("current_user"),
    pb.SVFOP_CURRENT_USER: Name("current_user"),
    pb.SVFOP_USER: Name("current_user"),
    pb.SVFOP_SESSION_USER: Name("session_user"),
    pb.SVFOP_CURRENT_CATALOG: Name("current_database"),
    pb.SVFOP_CURRENT_SCHEMA: Name("current_schema"),
}
"""Functions that SQL writes without parentheses; those not listed here tell the time."""


def type_(node: pb.TypeName) -> Type:
    name = dotted(node.names)
    return Type(name, _modifiers(name.name, node) if node.typmods else (), bool(node.array_bounds))


def _modifiers(name: str, node: pb.TypeName) -> tuple[int | str, ...]:
    values = tuple(_modifier(modifier) for modifier in node.typmods)
    if name == "interval" and isinstance(values[0], int):
        return (*_interval_fields(values[0]), *values[1:])
    return values


def _modifier(node: pb.Node) -> int | str:
    if node.HasField("column_ref"):
        return str(node.column_ref.fields[-1].string.sval)
    return int(node.a_const.ival.ival) if node.a_const.HasField("ival") else literal(node.a_const)


def literal(const: pb.A_Const) -> str:
    """The text of a number or string, without quotes."""
    return str(const.ival.ival) if const.HasField("ival") else str(const.sval.sval or const.fval.fval)


def _interval_fields(mask: int) -> tuple[str, ...]:
    if mask == _INTERVAL_FULL_RANGE:
        return ()
    fields = [name for bit, name in _INTERVAL_FIELDS.items() if mask & 1 << bit]
    return (fields[0] if len(fields) == 1 else f"{fields[0]} to {fields[-1]}",)


def expression(node: pb.Node) -> Expression:
    if is_constant(node):
        return Expression(sql(node), constant=True, null=_is_null(node))
    columns: dict[str, None] = {}
    functions: dict[Name, None] = {}
    for message in descendants(node):
        if isinstance(message, pb.ColumnRef):
            if message.fields[-1].HasField("string"):
                columns[message.fields[-1].string.sval] = None
        elif isinstance(message, pb.FuncCall):
            functions[dotted(message.funcname)] = None
        elif isinstance(message, pb.SQLValueFunction):
            functions[_VALUE_FUNCTIONS.get(message.op, _CLOCK)] = None
    return Expression(
        sql(node),
        columns=tuple(columns),
        functions=tuple(functions),
        not_null=tuple(dict.fromkeys(_not_null(node, negated=False))),
        comparisons=tuple(_comparisons(node)),
        casts=_casts(node),
    )


def _comparisons(node: pb.Node) -> Iterator[Comparison]:
    """What must hold of columns for a CHECK to hold: ``a >= 1 AND a < 5``, BETWEEN, IN."""
    if node.HasField("bool_expr") and node.bool_expr.boolop == pb.AND_EXPR:
        for argument in node.bool_expr.args:
            yield from _comparisons(argument)
    if not node.HasField("a_expr") or not node.a_expr.lexpr.HasField("column_ref"):
        return
    compared = node.a_expr
    operator = compared.name[-1].string.sval
    operators: tuple[str, ...] = ()
    if compared.kind == pb.AEXPR_BETWEEN:
        operators = (">=", "<=")
    elif operator == "=" or (compared.kind == pb.AEXPR_OP and operator in ("<", "<=", ">", ">=")):
        operators = (operator,)
    right = compared.rexpr
    if not operators or len(compared.name) > 1 or compared.kind not in (pb.AEXPR_OP, pb.AEXPR_IN, pb.AEXPR_BETWEEN):
        return
    values = [constant(item) for item in (right.list.items if right.HasField("list") else (right,))]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        return
    column = compared.lexpr.column_ref.fields[-1].string.sval
    if compared.kind == pb.AEXPR_BETWEEN:
        yield from (Comparison(column, operator, (value,)) for operator, value in zip(operators, known, strict=True))
    else:
        yield from (Comparison(column, operator, known) for operator in operators)


def constant(node: pb.Node) -> Constant | None:
    """A literal, with a cast or not; None if it is anything else, or NULL."""
    if node.HasField("type_cast") and node.type_cast.arg.HasField("a_const"):
        cast = type_(node.type_cast.type_name)
        inner = constant(node.type_cast.arg)
        return None if inner is None or cast.array or cast.modifiers else Constant(inner.text, cast.name)
    if not node.HasField("a_const") or node.a_const.isnull or node.a_const.HasField("boolval"):
        return None
    return Constant(literal(node.a_const))


def _casts(node: pb.Node) -> tuple[Type, ...] | None:
    if node.HasField("column_ref"):
        return ()
    if not node.HasField("type_cast"):
        return None
    inner = _casts(node.type_cast.arg)
    return None if inner is None else (*inner, type_(node.type_cast.type_name))


def is_constant(node: pb.Node) -> bool:
    kind = node.WhichOneof("node")
    if kind == "a_const":
        return True
    if kind == "type_cast":
        return is_constant(node.type_cast.arg)
    if kind == "a_array_expr":
        return all(map(is_constant, node.a_array_expr.elements))
    if kind == "a_expr":
        sign = node.a_expr
        return (
            sign.kind == pb.AEXPR_OP
            and not sign.HasField("lexpr")
            and sign.name[0].string.sval in ("+", "-")
            and is_constant(sign.rexpr)
        )
    return False


def _is_null(node: pb.Node) -> bool:
    while node.HasField("type_cast"):
        node = node.type_cast.arg
    return bool(node.a_const.isnull)


def sql(node: pb.Node) -> str:
    """The expression as PostgreSQL's grammar would write it."""
    if node.HasField("a_const"):
        # The usual default; deparsing costs as much as parsing.
        const = node.a_const
        if const.HasField("ival"):
            return str(const.ival.ival)
        if const.HasField("sval") and "\\" not in const.sval.sval:
            return "'" + str(const.sval.sval).replace("'", "''") + "'"
        if const.HasField("boolval"):
            return "true" if const.boolval.boolval else "false"
    target = pb.Node(res_target=pb.ResTarget(val=node))
    select = pb.SelectStmt(target_list=[target], limit_option=pb.LIMIT_OPTION_DEFAULT, op=pb.SETOP_NONE)
    return statement_sql(pb.Node(select_stmt=select)).removeprefix("SELECT ")


def statement_sql(node: pb.Node) -> str:
    """The statement as PostgreSQL's grammar would write it."""
    return str(deparse(pb.ParseResult(stmts=[pb.RawStmt(stmt=node)])))


def _not_null(node: pb.Node, *, negated: bool) -> Iterator[str]:
    """Columns that a CHECK proves NOT NULL; NOT goes inwards as in PostgreSQL's ``canonicalize_qual``."""
    if node.HasField("null_test"):
        test = node.null_test
        if (test.nulltesttype == pb.IS_NOT_NULL) is not negated and test.arg.HasField("column_ref"):
            yield test.arg.column_ref.fields[-1].string.sval
    elif node.HasField("bool_expr"):
        operator = node.bool_expr.boolop
        if operator == pb.NOT_EXPR:
            yield from _not_null(node.bool_expr.args[0], negated=not negated)
        elif operator == (pb.OR_EXPR if negated else pb.AND_EXPR):
            for argument in node.bool_expr.args:
                yield from _not_null(argument, negated=negated)
        else:
            first, *others = (list(_not_null(argument, negated=negated)) for argument in node.bool_expr.args)
            yield from (column for column in first if all(column in proven for proven in others))


_VALUE_FUNCTION_LABELS = {
    pb.SVFOP_CURRENT_TIME_N: "current_time",
    pb.SVFOP_CURRENT_TIMESTAMP_N: "current_timestamp",
    pb.SVFOP_LOCALTIME_N: "localtime",
    pb.SVFOP_LOCALTIMESTAMP_N: "localtimestamp",
}


def label(node: pb.Node) -> str | None:
    """The name that PostgreSQL gives the column of an expression (``FigureIndexColname`` in ``parse_target.c``)."""
    return _label(node)[0]


def _label(node: pb.Node) -> tuple[str | None, bool]:
    """The name, and whether it is better than that of a cast or a CASE around it."""
    kind = node.WhichOneof("node")
    if kind == "column_ref":
        names = [field.string.sval for field in node.column_ref.fields if field.HasField("string")]
        return (names[-1], True) if names else (None, False)
    if kind == "a_indirection":
        names = [item.string.sval for item in node.a_indirection.indirection if item.HasField("string")]
        return (names[-1], True) if names else _label(node.a_indirection.arg)
    if kind == "func_call":
        return node.func_call.funcname[-1].string.sval, True
    if kind == "a_expr" and node.a_expr.kind == pb.AEXPR_NULLIF:
        return "nullif", True
    if kind == "type_cast":
        name, strong = _label(node.type_cast.arg)
        return (name, True) if strong else (node.type_cast.type_name.names[-1].string.sval, False)
    if kind == "collate_clause":
        return _label(node.collate_clause.arg)
    if kind == "case_expr":
        name, strong = _label(node.case_expr.defresult)
        return (name, True) if strong else ("case", False)
    if kind == "min_max_expr":
        return ("greatest" if node.min_max_expr.op == pb.IS_GREATEST else "least"), True
    if kind == "sqlvalue_function":
        operator = node.sqlvalue_function.op
        named = pb.SQLValueFunctionOp.Name(operator).removeprefix("SVFOP_").lower()
        return _VALUE_FUNCTION_LABELS.get(operator, named), True
    return _FIXED_LABELS.get(kind), kind in _FIXED_LABELS


_FIXED_LABELS = {"coalesce_expr": "coalesce", "a_array_expr": "array", "row_expr": "row"}


def descendants(message: Message, *, skip: type[Message] | None = None) -> Iterator[Message]:
    """A message and all messages in it, depth first, in the grammar's order; ``skip`` are not looked into."""
    stack = [message]
    while stack:
        message = stack.pop()
        if type(message) is skip:
            continue
        yield message
        children: list[Message] = []
        for field, value in message.ListFields():
            if field.message_type is not None:
                children.extend((value,) if isinstance(value, Message) else value)
        stack.extend(reversed(children))
