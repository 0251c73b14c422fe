"""Definitions of models as the release of each deploy needs them: edits that change nothing else in a file."""

from collections.abc import Iterable, Sequence
from difflib import unified_diff
from functools import lru_cache
from itertools import chain
from typing import cast

import libcst as cst
from msgspec.structs import replace

from migsafe.plan.imports import importing, imports_of
from migsafe.project.definitions import Edit, SetArgument, SetClass, SetElement, SetField, SetName, SetOption


class CannotEdit(Exception):
    """The code is not written so that it could be changed in one place."""


def edited(text: str, name: str, edits: Iterable[Edit]) -> str:
    """Change the class of a model.

    Args:
        text: The file.
        name: Of the class; dotted if it lies in another.

    Raises:
        CannotEdit: The class, the field or the option is not written out there.
    """
    return all_edited(text, [(name, edits)])


def all_edited(text: str, changes: Iterable[tuple[str, Iterable[Edit]]]) -> str:
    """Change several classes, as `edited` does one; the file is parsed once, which takes longer than all the rest."""
    module = _parsed(text)
    double = text.count('"') > text.count("'")
    imports: list[str] = []
    for name, edits in changes:
        for edit in edits:
            edit = _quoted(edit) if double else edit
            module = cast(cst.Module, _in_class(module, name.split("."), edit))
            imports += getattr(edit, "imports", ())
    text = module.code
    for one in chain.from_iterable(map(imports_of, imports)):
        text = importing(text, one)
    return text


@lru_cache(maxsize=8)
def _parsed(text: str) -> cst.Module:
    """The tree of a file, which nothing changes in place."""
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise CannotEdit(f"it is not valid Python: {error}") from error


class _DoubleQuotes(cst.CSTTransformer):
    """Writes strings as black and ruff do."""

    def leave_SimpleString(  # noqa: N802 (libcst's name)
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        if updated_node.quote != "'" or '"' in updated_node.raw_value or "\\" in updated_node.raw_value:
            return updated_node
        return updated_node.with_changes(value=f'{updated_node.prefix}"{updated_node.raw_value}"')


def _quoted(edit: Edit) -> Edit:
    """The edit with the quotes that most strings of the file have, where Django has written its value."""
    if edit.value is None:
        return edit
    value = cst.parse_expression(edit.value).visit(_DoubleQuotes())
    assert isinstance(value, cst.BaseExpression)
    return replace(edit, value=cst.Module([]).code_for_node(value))


def diff(before: str, after: str, path: str) -> str:
    """A unified diff of a file, with as much around each change as ``--write`` needs to find it again."""
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2)
    return "\n".join(lines)


def patched(text: str, patch: str) -> str:
    """Apply a diff of `diff` wherever its lines are: the file may have changed elsewhere, next to them too.

    Raises:
        CannotEdit: The lines are not there, or in several places.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    for hunk in _hunks(patch):
        start, old, new = _place(lines, hunk)
        lines[start : start + len(old)] = new
    return newline.join(lines) + (newline if text.endswith("\n") else "")


def _place(lines: Sequence[str], hunk: Sequence[str]) -> tuple[int, list[str], list[str]]:
    """Where a hunk belongs, what is there, and what comes there: with as much around it as there still is."""
    while True:
        old = [line[1:] for line in hunk if line[:1] in " -"]
        new = [line[1:] for line in hunk if line[:1] in " +"]
        places = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        if len(places) == 1:
            return places[0], old, new
        if places:
            raise CannotEdit("these lines are there twice")
        around = hunk[hunk[0][:1] == " " : len(hunk) - (hunk[-1][:1] == " ")]
        if around == hunk or not any(line.startswith("-") for line in around):
            raise CannotEdit("these lines are not there any more")
        hunk = around


def reversed_patch(patch: str) -> str:
    """The diff that takes a diff back."""
    signs = {"+": "-", "-": "+"}
    head, mark, body = patch.partition("@@")
    return head + mark + "\n".join(signs.get(line[:1], line[:1]) + line[1:] for line in body.split("\n"))


def _hunks(patch: str) -> list[list[str]]:
    hunks: list[list[str]] = []
    for line in patch.splitlines():
        if line.startswith("@@"):
            hunks.append([])
        elif hunks:
            hunks[-1].append(line or " ")
    return hunks


Body = Sequence[cst.BaseStatement | cst.BaseSmallStatement]


def _in_class(node: cst.Module | cst.ClassDef, names: Sequence[str], edit: Edit) -> cst.Module | cst.ClassDef:
    """Make the edit in the class with these names, one in the other."""
    if not names:
        assert isinstance(node, cst.ClassDef)
        return _edited_class(node, edit)
    body = list(_body(node))
    for index, one in reversed(list(enumerate(body))):
        if isinstance(one, cst.ClassDef) and one.name.value == names[0]:
            body[index] = cast(cst.ClassDef, _in_class(one, names[1:], edit))
            return _with_body(node, body)
    raise CannotEdit(f"there is no class {names[0]}")


def _body(node: cst.Module | cst.ClassDef) -> Body:
    return node.body if isinstance(node, cst.Module) else node.body.body


def _with_body(node: cst.Module | cst.ClassDef, body: Sequence[object]) -> cst.Module | cst.ClassDef:
    if isinstance(node, cst.Module):
        return node.with_changes(body=body)
    return node.with_changes(body=node.body.with_changes(body=body))


def _edited_class(node: cst.ClassDef, edit: Edit) -> cst.ClassDef:
    match edit:
        case SetArgument() | SetClass():
            index, value = _assigned(node, edit.field)
            if not isinstance(value, cst.Call):
                raise CannotEdit(f"{edit.field} is not a call")
            call = _argument(value, edit) if isinstance(edit, SetArgument) else _called(value, edit.value)
            return _replaced(node, index, call)
        case SetField():
            return _field(node, edit)
        case SetName():
            return _named_otherwise(node, edit)
        case SetOption():
            return _option(node, edit.option, None if edit.value is None else cst.parse_expression(edit.value))
        case SetElement():
            return _element(node, edit)


def _assigned(node: cst.ClassDef, name: str) -> tuple[int, cst.BaseExpression]:
    """Position in the body and value of a plain assignment."""
    for index, line in reversed(list(enumerate(_body(node)))):
        if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
            statement = line.body[0]
            match statement:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=found))], value=value) if found == name:
                    return index, value
                case cst.AnnAssign(target=cst.Name(value=found), value=cst.BaseExpression() as value) if found == name:
                    return index, value
    raise CannotEdit(f"{name} is not assigned in class {node.name.value}")


def _replaced(node: cst.ClassDef, index: int, value: cst.BaseExpression) -> cst.ClassDef:
    body = list(_body(node))
    line = cast(cst.SimpleStatementLine, body[index])
    body[index] = line.with_changes(body=[line.body[0].with_changes(value=value)])
    return cast(cst.ClassDef, _with_body(node, body))


def _called(call: cst.Call, name: str) -> cst.Call:
    return call.with_changes(func=cst.parse_expression(name))


def _argument(call: cst.Call, edit: SetArgument) -> cst.Call:
    """The call with an argument set or taken away; separators stay as people have laid them out."""
    arguments = list(call.args)
    place = next((at for at, one in enumerate(arguments) if one.keyword and one.keyword.value == edit.argument), None)
    if place is None and edit.position is not None and edit.position < len(arguments):
        place = edit.position if arguments[edit.position].keyword is None else None
    if any(one.star for one in arguments):
        raise CannotEdit("its arguments are not all written out")
    if edit.value is None:
        if place is None:
            raise CannotEdit(f"{edit.argument} is not given")
        removed = arguments.pop(place)
        if place == len(arguments) and arguments:
            arguments[-1] = arguments[-1].with_changes(
                comma=_after(arguments[-1].comma, removed.comma), whitespace_after_arg=removed.whitespace_after_arg
            )
        return call.with_changes(args=arguments)
    value = cst.parse_expression(edit.value)
    if place is not None:
        arguments[place] = arguments[place].with_changes(value=value)
        return call.with_changes(args=arguments)
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    added = cst.Arg(value=value, keyword=cst.Name(edit.argument), equal=equal)
    if arguments:
        last = arguments[-1]
        between = arguments[-2].comma if len(arguments) > 1 else _comma(call)
        arguments[-1] = last.with_changes(
            comma=_after(last.comma, between), whitespace_after_arg=cst.SimpleWhitespace("")
        )
        added = added.with_changes(comma=_uncommented(last.comma), whitespace_after_arg=last.whitespace_after_arg)
    return call.with_changes(args=[*arguments, added])


Separator = cst.Comma | cst.MaybeSentinel


def _after(own: Separator, layout: Separator) -> Separator:
    """A separator laid out like another, with the comment behind its own."""
    comment = _line(own)
    line = _line(layout)
    if comment is None or comment.comment is None or line is None:
        return layout
    assert isinstance(layout, cst.Comma)
    return layout.with_deep_changes(layout.whitespace_after, first_line=comment)


def _uncommented(own: Separator) -> Separator:
    line = _line(own)
    if line is None:
        return own
    assert isinstance(own, cst.Comma)
    return own.with_deep_changes(own.whitespace_after, first_line=cst.TrailingWhitespace())


def _line(separator: Separator) -> cst.TrailingWhitespace | None:
    """What stands behind a comma on its line, if that is where the line ends."""
    after = separator.whitespace_after if isinstance(separator, cst.Comma) else None
    return after.first_line if isinstance(after, cst.ParenthesizedWhitespace) else None


def _comma(call: cst.Call) -> cst.Comma:
    """What separates the first argument from a second one: a new line if the first stands on its own."""
    before = call.whitespace_before_args
    return cst.Comma(
        whitespace_after=before if isinstance(before, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")
    )


def _field(node: cst.ClassDef, edit: SetField) -> cst.ClassDef:
    try:
        index, _ = _assigned(node, edit.field)
    except CannotEdit:
        if edit.value is None:
            raise
        return _inserted(node, cst.parse_statement(f"{edit.field} = {edit.value}"), _last_assignment(node) + 1)
    if edit.value is not None:
        return _replaced(node, index, cst.parse_expression(edit.value))
    body = list(_body(node))
    del body[index]
    if not body:
        raise CannotEdit(f"{edit.field} is all that class {node.name.value} has")
    return cast(cst.ClassDef, _with_body(node, body))


def _named_otherwise(node: cst.ClassDef, edit: SetName) -> cst.ClassDef:
    index, _ = _assigned(node, edit.field)
    body = list(_body(node))
    line = cast(cst.SimpleStatementLine, body[index])
    statement, name = line.body[0], cst.Name(edit.value)
    if isinstance(statement, cst.Assign):
        statement = statement.with_changes(targets=[statement.targets[0].with_changes(target=name)])
    else:
        statement = statement.with_changes(target=name)
    body[index] = line.with_changes(body=[statement])
    return cast(cst.ClassDef, _with_body(node, body))


def _last_assignment(node: cst.ClassDef) -> int:
    places = [
        at
        for at, line in enumerate(_body(node))
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Assign | cst.AnnAssign)
    ]
    return places[-1] if places else -1


def _inserted(node: cst.ClassDef, statement: object, index: int) -> cst.ClassDef:
    body = list(_body(node))
    return cast(cst.ClassDef, _with_body(node, [*body[:index], statement, *body[index:]]))


def _meta(node: cst.ClassDef) -> int | None:
    found = (at for at, one in enumerate(_body(node)) if isinstance(one, cst.ClassDef) and one.name.value == "Meta")
    return next(found, None)


def _option(node: cst.ClassDef, option: str, value: cst.BaseExpression | None) -> cst.ClassDef:
    index = _meta(node)
    if index is None:
        bases = [cst.Module([]).code_for_node(base.value) for base in node.bases]
        if value is None or bases not in (["models.Model"], ["Model"]):  # others may have a Meta that it inherits
            raise CannotEdit(f"class {node.name.value} has no Meta with {option}")
        meta = cst.ClassDef(
            name=cst.Name("Meta"),
            body=cst.IndentedBlock([_assignment(option, value)]),
            leading_lines=[cst.EmptyLine(indent=False)],
        )
        return _inserted(node, meta, _last_assignment(node) + 1)
    meta = cast(cst.ClassDef, _body(node)[index])
    try:
        place, _ = _assigned(meta, option)
    except CannotEdit:
        if value is None:
            raise
        changed = _inserted(meta, _assignment(option, value), len(_body(meta)))
    else:
        if value is not None:
            changed = _replaced(meta, place, value)
        else:
            body = [one for at, one in enumerate(_body(meta)) if at != place]
            if not body:
                return _without(node, index)
            changed = cast(cst.ClassDef, _with_body(meta, body))
    body = list(_body(node))
    body[index] = changed
    return cast(cst.ClassDef, _with_body(node, body))


def _assignment(name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])


def _without(node: cst.ClassDef, index: int) -> cst.ClassDef:
    body = [one for at, one in enumerate(_body(node)) if at != index]
    if not body:
        raise CannotEdit(f"class {node.name.value} would be empty")
    return cast(cst.ClassDef, _with_body(node, body))


def _element(node: cst.ClassDef, edit: SetElement) -> cst.ClassDef:
    index = _meta(node)
    meta = cast(cst.ClassDef, _body(node)[index]) if index is not None else None
    try:
        if meta is None:
            raise CannotEdit(f"class {node.name.value} has no Meta")
        _, value = _assigned(meta, edit.option)
    except CannotEdit:
        if edit.value is None:
            raise
        return _option(node, edit.option, cst.parse_expression(f"[{edit.value}]"))
    if not isinstance(value, cst.List | cst.Tuple):
        raise CannotEdit(f"{edit.option} is not a list")
    elements = list(value.elements)
    place = next((at for at, one in enumerate(elements) if _named(one) == edit.name), None)
    if edit.value is None:
        if place is None:
            raise CannotEdit(f"{edit.option} has no {edit.name}")
        removed = elements.pop(place)
        if not elements:
            return _option(node, edit.option, None)
        if place == len(elements):
            elements[-1] = elements[-1].with_changes(comma=_after(elements[-1].comma, removed.comma))
    elif place is not None:
        elements[place] = elements[place].with_changes(value=cst.parse_expression(edit.value))
    else:
        added = cst.Element(value=cst.parse_expression(edit.value), comma=_uncommented(elements[-1].comma))
        between = elements[-2].comma if len(elements) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        elements[-1] = elements[-1].with_changes(comma=_after(elements[-1].comma, between))
        elements.append(added)
    return _option(node, edit.option, value.with_changes(elements=elements))


def _named(element: cst.BaseElement) -> str | None:
    """The ``name=`` of an index or constraint."""
    if isinstance(element.value, cst.Call):
        for one in element.value.args:
            if one.keyword and one.keyword.value == "name" and isinstance(one.value, cst.SimpleString):
                return str(one.value.evaluated_value)
    return None
