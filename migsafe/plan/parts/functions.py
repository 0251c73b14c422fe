"""A data migration's own function, with its loops and queries over whole tables carried out a batch at a time.

What it computes stays: the lines of a loop's body are the author's. What cannot be shown to give the same when it is
stopped and run again is refused.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from migsafe.python import HistoricalModel, PythonFunction, Write
from migsafe.python.source import Source, source
from migsafe.written.batches import SIZE

SAME_TWICE = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "casefold"})
"""Methods of texts that change nothing the second time."""

ORDERED = frozenset({
    *("order_by", "reverse", "distinct", "union", "intersection", "difference", "raw", "values", "values_list"),
    *("dates", "datetimes", "in_bulk", "aggregate", "first", "last", "earliest", "latest"),
})  # fmt: skip
"""Methods of a query after which it cannot be cut into ranges of the primary key, or gives no objects."""

HARMLESS = frozenset({"str", "repr", "print", "getattr", "hasattr", "isinstance", "type", "bool"})
"""Functions that do nothing with rows but to read them."""


class CannotBatch(Exception):
    """Why a function is left as it is."""


@dataclass(frozen=True)
class Batched:
    """The new function.

    Attributes:
        code: Its source.
        imports: What it needs more than the original.
    """

    code: str
    imports: tuple[str, ...]


def batched(function: PythonFunction, path: str, inherited: bool = False) -> Batched:
    """Rewrite the function of a migration.

    Args:
        path: Of the migration.
        inherited: Whether rows of its models lie in several tables, and have to be locked in all of them.

    Raises:
        CannotBatch: It is not known how, or it would not be the same.
    """
    name = function.name
    text = source(function.path) if function.path else None
    node = text.functions.get(name) if text and function.path == path else None
    if text is None or not isinstance(node, ast.FunctionDef) or node.decorator_list:
        raise CannotBatch(f"{name}() is no plain function in the migration's file")
    reading = function.reading
    if reading.unread:
        one = reading.unread[0]
        raise CannotBatch(f"{name}() cannot be read to the end: {one.reason} (line {one.place.line})")
    if reading.sql:
        raise CannotBatch(f"{name}() sends SQL of its own (line {reading.sql[0].place.line})")
    if reading.real:
        raise CannotBatch(f"{name}() uses models as they are today, whose save() may do anything")
    rewriting = _Rewriting(function, text, node)
    rewriting.locked = "" if inherited else '"pk"'
    for write in reading.writes:
        rewriting.take(write)
    return rewriting.result()


class _Rewriting:
    def __init__(self, function: PythonFunction, text: Source, node: ast.FunctionDef) -> None:
        self.function = function
        self.text = text
        self.node = node
        self.names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        self.parents = {child: parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
        self.changes: dict[ast.stmt, list[str]] = {}
        self.taken: list[tuple[Write, ast.stmt]] = []
        self.imports = {"import logging"}
        self.locked = '"pk"'

    def take(self, write: Write) -> None:
        """Carry out one change of rows in batches."""
        if write.place.function != self.function.name:
            raise CannotBatch(f"{write.place.function}() writes rows, which it calls from elsewhere")
        statement = self._statement(write)
        self._check_alone(write, statement)
        self.taken.append((write, statement))
        if write.rows == "batch" and write.kind in ("update", "delete", "bulk_update"):
            self._check_own_batch(write)
        elif write.loop and write.kind in ("save", "delete") and write.rows == "one":
            self._loop(write, statement)
        elif write.kind in ("update", "delete") and not write.repeated and write.loop is None:
            self._query(write, statement)
        else:
            raise CannotBatch(
                f"line {write.place.line} of {self.function.name}() calls {write.kind}() in a way that is not known to"
                " be the same in batches, or when it is run again"
            )

    def result(self) -> Batched:
        """The source with all that was taken."""
        lines = list(self.text.text(self.node))
        start = self.node.lineno
        for statement in sorted(self.changes, key=lambda one: -one.lineno):
            indentation = " " * statement.col_offset
            assert statement.end_lineno is not None
            lines[statement.lineno - start : statement.end_lineno - start + 1] = [
                indentation + line if line else "" for line in self.changes[statement]
            ]
        return Batched("\n".join(lines), tuple(sorted(self.imports)))

    def _check_alone(self, write: Write, statement: ast.stmt) -> None:
        """Whether it does the same wherever another statement was when it was stopped."""
        for other, place in self.taken:
            for one, where in ((write, place), (other, statement)):
                if place is statement or other.model != write.model or where in self._around(statement):
                    continue
                self._check_repeatable(where, set(one.fields or ()), None)

    # A query

    def _query(self, write: Write, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            raise CannotBatch(f"line {statement.lineno} of {self.function.name}() uses what {write.kind}() returns")
        if any(isinstance(one, ast.For | ast.While | ast.AsyncFor) for one in self._around(statement)):
            raise CannotBatch(f"line {statement.lineno} of {self.function.name}() stands in a loop of its own")
        call = statement.value
        assert isinstance(call.func, ast.Attribute)
        query = self._cut(call.func.value, statement.col_offset)
        if write.rows != "unfilled" and write.kind == "update":
            for argument in call.keywords:
                self._check_repeatable(argument.value, {argument.arg or "**"}, None)
        rows, rest, keys, done = map(self._free, ("rows", "rest", "keys", "done"))
        base = statement.col_offset
        change = self._segment(call, base, 4)[len(self._segment(call.func.value, base, 4)) :].lstrip()
        self._replace(
            statement,
            [
                f"{rows} = {query}",
                *self._while(rows, rest, keys, done),
                f"    {rows}.filter(pk__in={keys}){change}",
                *self._on(rows, rest, keys, done),
            ],
        )

    # A loop

    def _loop(self, write: Write, statement: ast.stmt) -> None:
        place = f"line {statement.lineno} of {self.function.name}()"
        loop, loops = write.loop, [one for one in self._around(statement) if isinstance(one, ast.For)]
        if len(loops) > 1:
            raise CannotBatch(f"{place} saves rows in a loop within another")
        if loop is None or not loop.outermost or [for_.lineno for for_ in loops] != [loop.line]:
            raise CannotBatch(f"{place} saves rows, but not in a loop over those of one query")
        (for_,) = loops
        model = self.function.models.get(write.model)
        if write.query != loop.variable or write.model != loop.model or model is None:
            raise CannotBatch(f"{place} saves other rows than it goes through")
        if write.kind == "save" and not write.fields:
            raise CannotBatch(f"it is not known which fields the loop on line {for_.lineno} changes")
        self._check_body(for_, loop.variable, model, set(write.fields or ()))
        query = self._cut(for_.iter, for_.col_offset)
        rows, rest, keys, done, changed = map(self._free, ("rows", "rest", "keys", "done", "changed"))
        objects = f"{rows}.model._base_manager.using({rows}.db)"
        if write.kind == "save":
            collected = [*self._presaved(write, model, loop.variable), f"{changed}.append({loop.variable})"]
            fields = [*(write.fields or ()), *self._saved_with(write, model)]
            listed = ", ".join(f'"{field}"' for field in dict.fromkeys(fields))
            finish = f"{objects}.bulk_update({changed}, [{listed}], batch_size=100)"
        else:
            collected = [f"{changed}.append({loop.variable}.pk)"]
            finish = f"{objects}.filter(pk__in={changed}).delete()"
        self.imports.add("from django.db import transaction")
        self._replace(
            for_,
            [
                f"{rows} = {query}",
                *self._while(rows, rest, keys, done),
                f"    with transaction.atomic(using={rows}.db):",
                "        # Locked, so that nothing is lost that others write between reading and saving.",
                f"        list({objects}.filter(pk__in={keys}).select_for_update().values_list({self.locked}))",
                f"        {changed} = []",
                f"        for {ast.unparse(for_.target)} in {rows}.filter(pk__in={keys}):",
                *self._body(for_, statement, collected),
                f"        {finish}",
                *self._on(rows, rest, keys, done),
            ],
        )

    def _body(self, for_: ast.For, statement: ast.stmt, collected: list[str]) -> Iterator[str]:
        """The author's lines, with something else in the place of one statement."""
        first, last = for_.body[0].lineno, for_.body[-1].end_lineno
        assert last is not None
        if first == for_.lineno:
            raise CannotBatch(f"line {first} of {self.function.name}() has the whole loop on one line")
        inside = {
            line
            for one in ast.walk(for_)
            if isinstance(one, ast.Constant | ast.JoinedStr) and one.end_lineno is not None
            for line in range(one.lineno + 1, one.end_lineno + 1)
        }
        dedent = for_.body[0].col_offset
        for number in range(for_.lineno + 1, first):
            if (line := self.text.lines[number - 1].strip()).startswith("#"):
                yield " " * 12 + line
        for number in range(first, last + 1):
            line = self.text.lines[number - 1]
            if number == statement.lineno:
                yield from (" " * (12 + statement.col_offset - dedent) + one for one in collected)
            elif statement.lineno < number <= (statement.end_lineno or 0):
                continue
            elif number in inside:
                raise CannotBatch(f"line {number} of {self.function.name}() stands inside a text of several lines")
            else:
                yield " " * 12 + line[dedent:] if line.strip() else ""

    def _check_body(self, for_: ast.For, variable: str, model: HistoricalModel, fields: set[str]) -> None:
        """Whether each round is about its own row alone, and gives the same when it is done again."""
        where = f"the loop on line {for_.lineno} of {self.function.name}()"
        if for_.orelse or not isinstance(for_.target, ast.Name):
            raise CannotBatch(f"{where} is no plain loop over rows")
        outside = {name for name in self.names if self._is_bound_outside(name, for_)}
        for statement in for_.body:
            for one in ast.walk(statement):
                if reason := self._handed_on(one, outside, variable, model):
                    raise CannotBatch(f"{where} {reason}")
                self._check_again(one, fields, variable, where)
            if isinstance(statement, ast.Assign):
                # From here on it is a value that was not there before.
                fields = fields - {one.attr for one in statement.targets if _sets(one, variable)}

    def _handed_on(self, node: ast.AST, outside: set[str], variable: str, model: HistoricalModel) -> str | None:
        """Why a round of a loop may be about more than its own row."""
        match node:
            case ast.Break() | ast.Return() | ast.Yield() | ast.YieldFrom() | ast.Await():
                return "may end before the last row"
            case ast.Call(func=ast.Name(id="next")) | ast.Global() | ast.Nonlocal():
                return "hands something on from row to row"
            case ast.Call(func=callee, args=args, keywords=keywords) if any(
                isinstance(one, ast.Name) and one.id == variable for one in (*args, *(each.value for each in keywords))
            ):
                if ast.unparse(callee) not in HARMLESS:
                    return f"hands {variable} to {ast.unparse(callee)}(), which may do anything with it"
            case (
                ast.Name(id=name, ctx=ast.Store())
                | ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))))
                | ast.Subscript(value=ast.Name(id=name), ctx=ast.Store())
            ) if name in outside:
                return f"hands {name} on from row to row"
            case ast.Attribute(value=value, attr="objects" | "_default_manager" | "_base_manager"):
                if not isinstance(value, ast.Name) or self._may_be(value.id, model):
                    return f"asks for other rows of {model.label}, which it may have changed"
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if name == variable:
                field = model.fields.get(attribute)
                if field and field.refers_to == model.key:
                    return f"reads other rows of {model.label}, which it may have changed"
        return None

    def _check_again(self, node: ast.AST, fields: set[str], variable: str, where: str) -> None:
        """Whether part of a loop's body gives the same when it is done again."""
        match node:
            case ast.Assign(targets=targets, value=value) if any(_sets(one, variable) for one in targets):
                self._check_repeatable(value, fields, variable)
            case ast.AugAssign(target=target) if _sets(target, variable):
                raise CannotBatch(f"{where} changes {ast.unparse(target)} twice, if it is stopped and run again")
            case ast.If(test=test) | ast.IfExp(test=test) if not _asks_for_empty(test, variable):
                self._check_repeatable(test, fields, variable)

    def _may_be(self, name: str, model: HistoricalModel) -> bool:
        """Whether a name may stand for a model."""
        known = [value for value in self._assigned(name) if isinstance(value, ast.Call)]
        labels = {
            ".".join(str(one.value) for one in call.args if isinstance(one, ast.Constant)).lower() for call in known
        }
        return not labels or model.key in labels or any(label.count(".") != 1 for label in labels)

    def _presaved(self, write: Write, model: HistoricalModel, variable: str) -> list[str]:
        return [
            f'{variable}._meta.get_field("{field}").pre_save({variable}, False)  # as save() does'
            for field in self._saved_with(write, model)
        ]

    def _saved_with(self, write: Write, model: HistoricalModel) -> list[str]:
        """Fields to which saving a row gives a value of its own."""
        if "update_fields" in write.call:
            return []
        lineage = self.function.models.lineage(model)
        return [field.name for one in lineage for field in one.fields.values() if field.presaved]

    # Doing it again

    def _check_repeatable(self, value: ast.expr | ast.stmt, fields: Collection[str], variable: str | None) -> None:
        """Whether what is computed does not depend on what it is put into."""
        if variable and isinstance(value, ast.expr) and _is_same_twice(value, variable):
            return
        for one in self._resolved(value, set()):
            found: object = None
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found = one.value.partition("__")[0]
            elif isinstance(one, ast.keyword) and one.arg:
                found = one.arg.partition("__")[0]
            elif isinstance(one, ast.Attribute):
                found = one.attr
            if found in fields or (found is not None and f"{found}_id" in fields):
                raise CannotBatch(
                    f"line {value.lineno} of {self.function.name}() makes {found} of what it was before: if it is"
                    " stopped and run again, that happens twice to rows that are done"
                )

    def _resolved(self, node: ast.AST, seen: set[str]) -> Iterator[ast.AST]:
        """All of an expression, and of what its names were given in the function."""
        for one in ast.walk(node):
            yield one
            if isinstance(one, ast.Name) and one.id not in seen:
                seen.add(one.id)
                for value in self._assigned(one.id):
                    yield from self._resolved(value, seen)

    def _assigned(self, name: str) -> list[ast.expr]:
        found = [
            one.value
            for one in ast.walk(self.node)
            if isinstance(one, ast.Assign)
            and any(isinstance(each, ast.Name) and each.id == name for each in one.targets)
        ]
        constant = self.text.constants.get(name)
        return found or ([constant] if constant else [])

    def _check_own_batch(self, write: Write) -> None:
        """Batches that the author has made: they may be run again if what they write does not depend on itself."""
        fields = set(write.fields or ())
        if write.kind != "delete" and not fields:
            raise CannotBatch(f"it is not known which fields line {write.place.line} of {self.function.name}() changes")
        for one in ast.walk(self.node):
            match one:
                case ast.Call(func=ast.Attribute(attr="update"), keywords=keywords):
                    for argument in keywords:
                        self._check_repeatable(argument.value, {argument.arg or "**"}, None)
                case ast.Assign(targets=[ast.Attribute(attr=attribute)], value=value) if attribute in fields:
                    self._check_repeatable(value, fields, None)
                case ast.AugAssign(target=ast.Attribute(attr=attribute)) if attribute in fields:
                    self._check_repeatable(one.target, fields, None)

    # The text

    def _cut(self, query: ast.expr, base: int) -> str:
        """Source of a query that can be cut into ranges of the primary key."""
        while (
            isinstance(query, ast.Call)
            and isinstance(query.func, ast.Attribute)
            and query.func.attr in ("all", "iterator", "order_by")
            and (query.func.attr != "order_by" or _is_by_key(query))
        ):
            query = query.func.value
        whole = [query, *(self._assigned(query.id) if isinstance(query, ast.Name) else ())]
        for one in (one for each in whole for one in ast.walk(each)):
            if isinstance(one, ast.Subscript) or (isinstance(one, ast.Attribute) and one.attr in ORDERED):
                raise CannotBatch(
                    f"the query on line {query.lineno} of {self.function.name}() has an order or a limit of its own"
                )
        if not isinstance(query, ast.Attribute | ast.Call | ast.Name) or (
            isinstance(query, ast.Call) and isinstance(query.func, ast.Name)
        ):
            raise CannotBatch(f"line {query.lineno} of {self.function.name}() does not go through a query itself")
        return self._segment(query, base)

    def _while(self, rows: str, rest: str, keys: str, done: str) -> list[str]:
        return [
            f'{rest}, {done} = {rows}.order_by("pk"), 0',
            f'while {keys} := list({rest}.values_list("pk", flat=True)[:{SIZE}]):',
        ]

    def _on(self, rows: str, rest: str, keys: str, done: str) -> list[str]:
        return [
            f"    {done} += len({keys})",
            f'    logger.info("{self.function.name}: %s rows, up to %s", {done}, {keys}[-1])',
            f'    {rest} = {rows}.filter(pk__gt={keys}[-1]).order_by("pk")',
        ]

    def _replace(self, statement: ast.stmt, lines: list[str]) -> None:
        if statement in self.changes:
            raise CannotBatch(f"line {statement.lineno} of {self.function.name}() changes rows in several ways")
        self.changes[statement] = [line for each in lines for line in each.split("\n")]

    def _free(self, name: str) -> str:
        """A name that the function does not use, which is the same for all its batches."""
        used = self.names | {one.arg for one in self.node.args.args}
        while name in used:
            name += "_"
        return name

    def _segment(self, node: ast.expr, base: int, more: int = 0) -> str:
        """Source of an expression; further lines lose the indentation of its statement and get another one."""
        found = ast.get_source_segment("\n".join(self.text.lines), node)
        assert found is not None
        first, *others = found.split("\n")
        kept = [line[base:] if not line[:base].strip() else line for line in others]
        return "\n".join([first, *(" " * more + line for line in kept)])

    def _statement(self, write: Write) -> ast.stmt:
        """The innermost statement that has a line."""
        found = [
            one
            for one in ast.walk(self.node)
            if isinstance(one, ast.stmt) and one.lineno <= write.place.line <= (one.end_lineno or one.lineno)
        ]
        return min(found, key=lambda one: ((one.end_lineno or 0) - one.lineno, -one.col_offset))

    def _around(self, statement: ast.AST) -> Iterator[ast.AST]:
        while statement in self.parents:
            statement = self.parents[statement]
            yield statement

    def _is_bound_outside(self, name: str, for_: ast.For) -> bool:
        inside = {id(one) for one in ast.walk(for_)}
        return any(
            isinstance(one, ast.Name) and one.id == name and id(one) not in inside for one in ast.walk(self.node)
        )


def _sets(target: ast.expr, variable: str) -> TypeGuard[ast.Attribute]:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == variable


def _is_by_key(query: ast.Call) -> bool:
    return all(isinstance(one, ast.Constant) and one.value in ("pk", "id") for one in query.args)


def _asks_for_empty(test: ast.expr, variable: str) -> bool:
    """Whether a condition is that the row has no value yet: after the first time it does not hold."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Attribute(value=ast.Name(id=name))):
            return name == variable
        case ast.Compare(left=ast.Attribute(value=ast.Name(id=name)), ops=[ast.Is() | ast.Eq()], comparators=[value]):
            return name == variable and isinstance(value, ast.Constant) and value.value in (None, "")
    return False


def _is_same_twice(value: ast.expr, variable: str) -> bool:
    """Whether it is a text of the row, which methods are called on that change nothing the second time."""
    called = False
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in SAME_TWICE:
        if any(not isinstance(one, ast.Constant) for one in value.args) or value.keywords:
            return False
        value, called = value.func.value, True
    return (
        called
        and isinstance(value, ast.Attribute)
        and isinstance(value.value, ast.Name)
        and (value.value.id == variable)
    )
