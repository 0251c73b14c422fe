"""The SQL in DO blocks and in the bodies of functions."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from postgast import PgQueryError, parse_plpgsql
from postgast import parse as parse_tree
from postgast import pg_query_pb2 as pb

from migsafe.actions import Action, Select, Unknown
from migsafe.sql.parse.data import of_query, select
from migsafe.sql.parse.expressions import statement_sql

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
Constants: TypeAlias = Mapping[str, str]

_STATEMENT = 0
_EXPRESSION = 2
"""How PL/pgSQL reads a piece of SQL (PostgreSQL's ``RawParseMode``); higher numbers are assignments."""

_POSITION = {"query": 0, "cond": 0, "exceptions": 2}
"""What is run before bodies (a loop's query), and what after; the rest is 1."""

_CALLED_BY = {
    "trigger": """
        CREATE FUNCTION f(new record, old record, tg_name text, tg_when text, tg_level text, tg_op text, tg_relid oid,
            tg_relname text, tg_table_name text, tg_table_schema text, tg_nargs int, tg_argv text[]) RETURNS record
    """,
    "event_trigger": "CREATE FUNCTION f(tg_event text, tg_tag text) RETURNS void",
}
"""What a trigger function is called with, in the head of an ordinary one: the PL/pgSQL parser does not know them."""


def block(node: pb.DoStmt, sql: str) -> Iterator[Action]:
    """What a DO statement does."""
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.args}
    language = options.get("language", "plpgsql").lower()
    if language == "plpgsql":
        yield from _of_plpgsql(sql)
    else:
        yield Unknown(reason=f"DO block in language {language}")


def body(node: pb.CreateFunctionStmt, language: str | None) -> tuple[Action, ...]:
    """What a function does when it is called."""
    if node.HasField("sql_body"):
        return tuple(_of_sql_body(node.sql_body))
    if language == "sql":
        texts = [item.def_elem.arg.list.items for item in node.options if item.def_elem.defname == "as"]
        return tuple(_of_text(texts[0][0].string.sval)) if texts else ()
    if language == "plpgsql":
        return tuple(_of_plpgsql(_as_function(node)))
    # The C functions of extensions are taken to work on their arguments.
    return () if language in ("c", "internal", None) else (Unknown(reason=f"a function in language {language}"),)


def _of_sql_body(node: pb.Node) -> Iterator[Action]:
    if node.HasField("return_stmt"):
        value = pb.Node(res_target=pb.ResTarget(val=node.return_stmt.returnval))
        yield from select(pb.SelectStmt(target_list=[value]))
    else:
        for statement in node.list.items[0].list.items:
            yield from of_query(statement)


def _as_function(node: pb.CreateFunctionStmt) -> str:
    returned = node.return_type.names[-1].string.sval if node.return_type.names else ""
    function = pb.CreateFunctionStmt()
    function.CopyFrom(node)
    if returned in _CALLED_BY:
        head = parse_tree(_CALLED_BY[returned]).stmts[0].stmt.create_function_stmt
        function.return_type.CopyFrom(head.return_type)
        function.parameters.extend(head.parameters)
    return statement_sql(pb.Node(create_function_stmt=function))


def _of_plpgsql(sql: str) -> Iterator[Action]:
    try:
        statements = tuple(_statements(sql))
    except PgQueryError as error:
        yield Unknown(reason=error.message)
        return
    except (LookupError, ValueError):
        yield Unknown(reason="a block that the PL/pgSQL parser cannot put into words")
        return
    for statement in statements:
        if statement is None:
            yield Unknown(reason="EXECUTE of a text that is only known at run time")
        else:
            # Conditions and assignments that touch nothing are left out.
            yield from (action for action in _of_text(statement) if action != Select())


def _of_text(sql: str) -> Iterator[Action]:
    from migsafe.sql.parse import parse

    return (action for parsed in parse(sql) for action in parsed.actions)


def _statements(sql: str) -> Iterator[str | None]:
    """The SQL of PL/pgSQL code, in the order of the text; None where a text is only known at run time.

    Branches, loop bodies and exception handlers count once each. Conditions, assignments and the like are given as
    ``SELECT …``.

    Raises:
        PgQueryError: It is not valid PL/pgSQL.
    """
    code: list[Json] = [*parse_plpgsql(sql)]
    return _walk(code, _constants(code))


def _constants(code: list[Json]) -> Constants:
    """Variables that are declared CONSTANT, with their text."""
    known: dict[str, str] = {}
    for function in code:
        assert isinstance(function, dict)
        assert isinstance(function["PLpgSQL_function"], dict)
        variables = function["PLpgSQL_function"].get("datums")
        for item in variables if isinstance(variables, list) else ():
            variable = item.get("PLpgSQL_var") if isinstance(item, dict) else None
            if isinstance(variable, dict) and variable.get("isconst") and "default_val" in variable:
                (expression,) = _walk(variable["default_val"], known)
                text = _constant_text(expression, known) if expression else None
                if text is not None:
                    known[str(variable["refname"])] = text
    return known


def _walk(node: Json, constants: Constants) -> Iterator[str | None]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, constants)
    elif isinstance(node, dict):
        for key in sorted(node, key=lambda key: _POSITION.get(key, 1)):
            value = node[key]
            if key in {"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"}:
                yield from _executed(value, constants)
            elif key == "PLpgSQL_expr" and isinstance(value, dict):
                yield _as_statement(str(value["query"]), value["parseMode"])
            elif key == "PLpgSQL_stmt_commit":
                yield "COMMIT"
            elif key == "PLpgSQL_stmt_rollback":
                yield "ROLLBACK"
            else:
                yield from _walk(value, constants)


def _as_statement(sql: str, mode: Json) -> str:
    if mode == _STATEMENT:
        return sql
    if mode == _EXPRESSION:
        return f"SELECT {sql}"
    return f"SELECT {sql.partition('=')[2]}"


def _executed(execute: Json, constants: Constants) -> Iterator[str | None]:
    """EXECUTE: its text if that is constant; then its parameters, or the body of the loop over it."""
    assert isinstance(execute, dict)
    for key, value in execute.items():
        if key == "query":
            expressions = tuple(_walk(value, constants))
            yield from (_constant_text(expression, constants) if expression else None for expression in expressions)
        else:
            yield from _walk(value, constants)


def _constant_text(select_sql: str, constants: Constants) -> str | None:
    value = parse_tree(select_sql).stmts[0].stmt.select_stmt.target_list[0].res_target.val
    return _text(value, constants)


def _text(node: pb.Node, constants: Constants) -> str | None:
    kind = node.WhichOneof("node")
    if kind == "a_const":
        return str(node.a_const.sval.sval) if node.a_const.HasField("sval") else None
    if kind == "type_cast":
        return _text(node.type_cast.arg, constants)
    if kind == "column_ref":
        return constants.get(node.column_ref.fields[-1].string.sval)
    if kind == "a_expr" and node.a_expr.name[0].string.sval == "||":
        left, right = _text(node.a_expr.lexpr, constants), _text(node.a_expr.rexpr, constants)
        return None if left is None or right is None else left + right
    if kind == "func_call":
        arguments = [_text(argument, constants) for argument in node.func_call.args]
        write = _WRITERS.get(node.func_call.funcname[-1].string.sval)
        known = [argument for argument in arguments if argument is not None]
        return None if write is None or not known or len(known) < len(arguments) else write(*known)
    return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _format(template: str, *arguments: str) -> str | None:
    """PostgreSQL's ``format()``; None for what has a width or lacks an argument."""
    pieces, position, rest = [], 0, template
    while "%" in rest:
        before, _, rest = rest.partition("%")
        pieces.append(before)
        number, dollar, after = rest.partition("$")
        if dollar and number.isdecimal():
            position, rest = int(number) - 1, after
        kind, rest = rest[:1], rest[1:]
        if kind == "%":
            pieces.append("%")
        elif kind in _FORMATS and 0 <= position < len(arguments):
            pieces.append(_FORMATS[kind](arguments[position]))
            position += 1
        else:
            return None
    return "".join([*pieces, rest])


_FORMATS: Mapping[str, Callable[[str], str]] = {"s": str, "I": _quoted, "L": _literal}
_WRITERS: Mapping[str, Callable[..., str | None]] = {
    "format": _format,
    "quote_ident": _quoted,
    "quote_literal": _literal,
}
