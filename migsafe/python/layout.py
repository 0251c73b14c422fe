"""Code on several lines, as formatters lay it out: what is one line of a diff should be one thing."""

import ast
from collections.abc import Iterator

WIDTH = 96


def laid_out(code: str) -> list[str]:
    """The lines of code; expressions have an element or argument a line where they are too long for one.

    Args:
        code: As `ast.unparse` gives it.
    """
    lines: list[str] = []
    for node in ast.parse(code).body:
        match node:
            case ast.Expr(value=value):
                lines += _lines(value, "")
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                lines += _lines(value, f"{name} = ")
            case _:
                lines += ast.unparse(node).split("\n")
    return lines


def _lines(node: ast.expr, before: str) -> Iterator[str]:
    """Lines of a node that comes after something on its line."""
    text = f"{before}{ast.unparse(node)}"
    parts = _parts(node)
    if len(text) <= WIDTH or parts is None:
        yield from text.split("\n")
        return
    first, elements, last = parts
    yield f"{before}{first}"
    for name, element in elements:
        *lines, end = _lines(element, name)
        yield from (f"    {line}" for line in (*lines, f"{end},"))
    yield last


def _parts(node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str] | None:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if args or keywords:
            named = [(f"{one.arg}=" if one.arg else "**", one.value) for one in keywords]
            return f"{ast.unparse(func)}(", [*(("", one) for one in args), *named], ")"
        case ast.List(elts=elements) if elements:
            return "[", [("", one) for one in elements], "]"
        case ast.Tuple(elts=elements) if elements:
            return "(", [("", one) for one in elements], ")"
        case ast.Dict(keys=keys, values=values) if values:
            return (
                "{",
                [(f"{ast.unparse(key)}: " if key else "**", value) for key, value in zip(keys, values, strict=True)],
                "}",
            )
        case _:
            return None
