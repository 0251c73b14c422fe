"""Where each operation stands in its migration file, read from the syntax tree: nothing is imported."""

import ast
from pathlib import Path

import msgspec


class OperationLine(msgspec.Struct, frozen=True):
    """Place of one element of ``Migration.operations``.

    Attributes:
        line: 1-based line on which its expression starts.
        end: The line on which it ends.
        database: Lines of the ``database_operations`` of a SeparateDatabaseAndState, () where they are not a literal
            list.
        state: The same for its ``state_operations``.
    """

    line: int
    end: int
    database: tuple["OperationLine", ...] = ()
    state: tuple["OperationLine", ...] = ()


def operation_lines(path: Path) -> tuple[OperationLine, ...] | None:
    """Find the operations of a migration file.

    Returns:
        One element for each operation, or None when ``operations`` is not written out literally (a function call, a
        starred element, an assignment that is changed later), so that positions in the file would say nothing.

    Raises:
        OSError: The file cannot be read.
        SyntaxError: The file is not Python.
    """
    tree = ast.parse(path.read_bytes(), filename=str(path))
    names = _assignments(tree.body)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            names |= _assignments(node.body)
            return _elements(names.get("operations"), names)
    return None


def _assignments(body: list[ast.stmt]) -> dict[str, ast.expr | None]:
    """Names that are bound exactly once by plain assignments, with their value; None for any other name."""
    found: dict[str, ast.expr | None] = {}
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                found[name] = None if name in found else value
            case ast.AugAssign(target=ast.Name(id=name)):
                found[name] = None
            case _:
                pass
    return found


def _elements(node: ast.expr | None, names: dict[str, ast.expr | None]) -> tuple[OperationLine, ...] | None:
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            if any(isinstance(element, ast.Starred) for element in elements):
                return None
            return tuple(_operation(element, names) for element in elements)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _elements(left, names), _elements(right, names)
            return None if first is None or second is None else first + second
        case ast.Name(id=name) if names.get(name) is not None:
            return _elements(names[name], {**names, name: None})
        case _:
            return None


def _operation(node: ast.expr, names: dict[str, ast.expr | None]) -> OperationLine:
    nested: dict[str, tuple[OperationLine, ...]] = {"database_operations": (), "state_operations": ()}
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "SeparateDatabaseAndState":
        arguments = dict(zip(nested, node.args, strict=False))
        arguments |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        nested |= {name: _elements(arguments.get(name), names) or () for name in nested}
    return OperationLine(
        node.lineno, node.end_lineno or node.lineno, nested["database_operations"], nested["state_operations"]
    )
