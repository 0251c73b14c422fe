"""Ways to make a condition true, read from its text: for those who look for rows that satisfy it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, product
from typing import Literal, TypeAlias

import msgspec
import postgast
from google.protobuf.message import DecodeError
from postgast import pg_query_pb2 as pb

from migsafe.sql.parse.expressions import constant, descendants, is_constant
from migsafe.sql.parse.expressions import sql as sql_of

__all__ = ["MOST_WAYS", "Term", "ways"]

MOST_WAYS = 64
"""More ways than that are not looked for."""

Operator: TypeAlias = Literal[
    "null", "not null", "=", "<", "<=", ">", ">=", "~", "like", "length =", "length <=", "length >=", "mentions"
]


class Term(msgspec.Struct, frozen=True):
    """What has to hold of one column.

    Attributes:
        column: Its name.
        operator: ``mentions`` for what is not understood.
        values: What it is compared with, as SQL; one of them for ``=``. The plain text for patterns, and for
            ``mentions``, which lists the texts that the condition has.
        reads: Columns in the values, the column itself perhaps among them.
    """

    column: str
    operator: Operator
    values: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def of_value(self, column: str) -> Term:
        """The same of a column of a domain, in whose conditions it is called ``VALUE``."""
        return Term(column, self.operator, self.values, (column,) if self.reads else ())


Way: TypeAlias = tuple[Term, ...]


def ways(condition: str) -> tuple[Way, ...]:
    """Alternatives, in each of which all terms have to hold, as far as they are understood.

    A row that takes one of them may still not satisfy the condition, and one that takes none may. There is always one
    at least, and never more than `MOST_WAYS`.

    Args:
        condition: An SQL expression, as ``pg_get_expr`` gives it.
    """
    try:
        tree = postgast.parse(f"SELECT {condition}")
    except (postgast.PgQueryError, DecodeError):
        return ((),)
    (target,) = tree.stmts[0].stmt.select_stmt.target_list
    return tuple(islice(_ways(target.res_target.val, negated=False), MOST_WAYS)) or ((),)


def _ways(node: pb.Node, *, negated: bool) -> Iterator[Way]:
    kind = node.WhichOneof("node")
    if kind == "bool_expr":
        yield from _of_bool(node.bool_expr, negated=negated)
    elif kind == "null_test" and node.null_test.arg.HasField("column_ref"):
        null = (node.null_test.nulltesttype == pb.IS_NULL) is not negated
        yield (Term(_name(node.null_test.arg), "null" if null else "not null"),)
    elif kind == "boolean_test":
        test = node.boolean_test
        if test.booltesttype in (pb.IS_TRUE, pb.IS_FALSE):
            yield from _ways(test.arg, negated=(test.booltesttype == pb.IS_FALSE) is not negated)
        else:
            yield ()
    elif kind == "column_ref":
        yield (Term(_name(node), "=", ("false" if negated else "true",)),)
    elif kind == "case_expr" and not node.case_expr.HasField("arg"):
        yield from _of_case(node.case_expr, negated=negated)
    elif kind == "a_expr":
        yield from _of_operator(node.a_expr, negated=negated)
    else:
        yield tuple(_mentions(node))


def _of_bool(expression: pb.BoolExpr, *, negated: bool) -> Iterator[Way]:
    if expression.boolop == pb.NOT_EXPR:
        yield from _ways(expression.args[0], negated=not negated)
    elif (expression.boolop == pb.AND_EXPR) is not negated:
        yield from _all(list(islice(_ways(part, negated=negated), MOST_WAYS)) for part in expression.args)
    else:
        for part in expression.args:
            yield from _ways(part, negated=negated)


def _all(parts: Iterable[Sequence[Way]]) -> Iterator[Way]:
    for chosen in product(*parts):
        yield tuple(term for way in chosen for term in way)


def _of_case(case: pb.CaseExpr, *, negated: bool) -> Iterator[Way]:
    before: list[list[Way]] = []
    for when in case.args:
        condition = when.case_when
        yield from _all([*before, [*_ways(condition.expr, negated=False)], [*_ways(condition.result, negated=negated)]])
        before.append(list(_ways(condition.expr, negated=True)))
    if case.HasField("defresult"):
        yield from _all([*before, list(_ways(case.defresult, negated=negated))])


_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_BOOLEAN = ("bool_expr", "null_test", "boolean_test")


def _of_operator(compared: pb.A_Expr, *, negated: bool) -> Iterator[Way]:
    operator = compared.name[-1].string.sval
    left, right = compared.lexpr, compared.rexpr
    if compared.kind == pb.AEXPR_OP_ANY and operator == "=" and not negated:
        if target := _column(left):
            yield (Term(target, "=", tuple(_elements(right))),) if list(_elements(right)) else ()
            return
    elif compared.kind == pb.AEXPR_IN and (operator == "=") is not negated:
        if target := _column(left):
            yield (Term(target, "=", tuple(map(sql_of, right.list.items))),)
            return
    elif compared.kind == pb.AEXPR_OP:
        operator = _NEGATED.get(operator, "" if negated else operator) if negated else operator
        if operator in ("=", "<>") and {left.WhichOneof("node"), right.WhichOneof("node")} <= set(_BOOLEAN):
            for first in (False, True):
                second = first is (operator == "=")
                yield from _all([list(_ways(left, negated=not first)), list(_ways(right, negated=not second))])
            return
        if counted := list(_of_count(left, operator, right)):
            yield from counted
            return
        if terms := tuple(_compared(left, operator, right)):
            yield terms
            return
        negated = negated or operator == "<>"
    yield () if negated else tuple(_mentions(pb.Node(a_expr=compared)))


def _elements(node: pb.Node) -> Iterator[str]:
    """The elements of an array of constants, as ``ANY`` has it: ``'{a,b}'`` is what pg_get_expr never writes."""
    while node.HasField("type_cast"):
        node = node.type_cast.arg
    if node.HasField("a_array_expr"):
        yield from map(sql_of, node.a_array_expr.elements)


def _of_count(left: pb.Node, operator: str, right: pb.Node) -> Iterator[Way]:
    """``num_nonnulls(a, b) = 1``."""
    function = left.func_call.funcname[-1].string.sval if left.HasField("func_call") else ""
    if function not in ("num_nonnulls", "num_nulls") or not right.HasField("a_const"):
        return
    names = [column for argument in left.func_call.args if (column := _column(argument))]
    count = right.a_const.ival.ival
    count += {"<": -1, ">": 1}.get(operator, 0)
    chosen: Operator = "not null" if function == "num_nonnulls" else "null"
    other: Operator = "null" if function == "num_nonnulls" else "not null"
    if operator in ("=", ">", ">=", "<", "<="):
        for some in combinations(names, min(max(count, 0), len(names))):
            others = (Term(name, other) for name in names if name not in some)
            firm = () if operator in ("<", "<=") else tuple(Term(name, chosen) for name in some)
            yield (*firm, *(() if operator in (">", ">=") else others))


_LENGTHS = ("length", "char_length", "character_length", "octet_length")


def _compared(left: pb.Node, operator: str, right: pb.Node) -> Iterator[Term]:
    """Terms for either side that is a column."""
    if operator in ("~", "~*", "~~", "~~*"):
        pattern = constant(_bare(right))
        if pattern and (name := _column(left)):
            yield Term(name, "~" if operator in ("~", "~*") else "like", (pattern.text,))
        return
    if operator not in _FLIPPED:
        return
    for one, other, symbol in ((left, right, operator), (right, left, _FLIPPED[operator])):
        if name := _column(one):
            yield Term(name, symbol, (sql_of(other),), tuple(_names(other)))  # type: ignore[arg-type]
        elif one.HasField("func_call") and one.func_call.funcname[-1].string.sval in _LENGTHS and is_constant(other):
            name = _column(one.func_call.args[0])
            if name and other.HasField("a_const"):
                yield from _lengths(name, symbol, other.a_const.ival.ival)
        elif symbol == "=" and one.a_expr.name and one.a_expr.name[-1].string.sval == "%":
            name = _column(one.a_expr.lexpr)
            if name:  # what is over is taken away
                whole = f"{sql_of(one.a_expr.lexpr)} - {sql_of(one)} + ({sql_of(other)})"
                yield Term(name, "=", (whole,), (name, *_names(other)))


def _lengths(name: str, operator: str, length: int) -> Iterator[Term]:
    length += {"<": -1, ">": 1}.get(operator, 0)
    if operator in ("=", "<", "<="):
        yield Term(name, "length <=", (str(length),))
    if operator in ("=", ">", ">="):
        yield Term(name, "length >=", (str(length),))


def _mentions(node: pb.Node) -> Iterator[Term]:
    """What is not understood: the texts in it may be what is asked for."""
    names = dict.fromkeys(_names(node))
    texts = dict.fromkeys(
        message.sval.sval
        for message in descendants(node)
        if isinstance(message, pb.A_Const) and message.HasField("sval")
    )
    if len(names) == 1 and texts:
        yield Term(next(iter(names)), "mentions", tuple(texts))


def _bare(node: pb.Node) -> pb.Node:
    """Without casts, which PostgreSQL writes wherever it has made one."""
    while node.HasField("type_cast") and not is_constant(node):
        node = node.type_cast.arg
    return node


def _column(node: pb.Node) -> str | None:
    node = _bare(node)
    return _name(node) if node.HasField("column_ref") else None


def _name(node: pb.Node) -> str:
    return str(node.column_ref.fields[-1].string.sval)


def _names(node: pb.Node) -> Iterator[str]:
    for message in descendants(node):
        if isinstance(message, pb.ColumnRef):
            yield message.fields[-1].string.sval
