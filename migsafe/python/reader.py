"""Reads a function and the functions of its file that it calls, statement by statement, without running any.

What is not understood is `UNKNOWN`, and goes through everything: nothing is said of it. A loop's body is read twice, so
that what it leaves to its next round counts; where ways through the code meet, only what they agree on is known.
"""

import ast
import builtins
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from migsafe.python import values as v
from migsafe.python.orm import Orm
from migsafe.python.reading import RawSql, Reading, RealModel, RowLoop
from migsafe.python.recorder import Recorder
from migsafe.python.source import FunctionNode, Source, source

if TYPE_CHECKING:
    from migsafe.python.function import PythonFunction

Env = dict[str, v.Value]

MAX_DEPTH = 6
"""Functions that call each other."""

MAX_ITEMS = 20
"""Elements of a literal list that a loop is read for one by one."""

BROAD = frozenset({
    *("Exception", "BaseException", "LookupError", "AttributeError", "FieldError", "FieldDoesNotExist", "TypeError"),
    *("DatabaseError", "ProgrammingError", "OperationalError", "Error", "ValueError", "KeyError", "NameError"),
})  # fmt: skip
"""Exceptions whose handler may be there for what is missing."""

ASKING = frozenset({
    *("hasattr", "getattr", "is_installed", "issubclass", "isinstance", "_meta", "get_field", "get_fields", "settings"),
    *("INSTALLED_APPS", "VERSION", "all_models", "app_configs", "get_app_configs", "table_names", "environ", "getenv"),
})  # fmt: skip
"""Names in a condition that asks what there is, rather than what is in the database."""


def read(function: "PythonFunction") -> Reading:
    """Read a function."""
    recorder = Recorder(function.models)
    recorder.stack.append(function.name)
    text = source(function.path) if function.path else None
    node = text.function_at(function.line) if text and function.line else None
    if text is None or node is None:
        recorder.unread("its source cannot be had", function.line or 0)
        return recorder.reading()
    arguments: Env = {}
    if function.apps:
        arguments[function.apps] = v.Apps()
    if function.editor:
        arguments[function.editor] = v.Editor()
    Reader(function, text, recorder, node).run(node, arguments)
    return recorder.reading()


class Reader:
    """Knows what the names in a file stand for, and walks through its functions."""

    def __init__(self, function: "PythonFunction", text: Source, recorder: Recorder, outermost: FunctionNode) -> None:
        self.function = function
        self.text = text
        self.recorder = recorder
        self.outermost = outermost
        self.current = outermost
        self.orm = Orm(self, recorder)
        self._returned: list[v.Value] = []

    def run(self, node: FunctionNode, arguments: Env) -> v.Value:
        """Read a function, given what its parameters stand for."""
        outer, self._returned = self._returned, []
        current, self.current = self.current, node
        parameters = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        extra = [one for one in (node.args.vararg, node.args.kwarg) if one]
        env = {**arguments}
        for parameter in (*parameters, *extra):
            env.setdefault(parameter.arg, v.UNKNOWN)
        with ExitStack() as until_return:
            if isinstance(node, ast.Lambda):
                self._returned.append(self.value(node.body, env))
            elif self.block(node.body, env, until_return):
                self._returned.append(v.UNKNOWN)
        result = _agreed(self._returned)
        self._returned, self.current = outer, current
        return result

    # Statements

    def block(self, statements: Iterable[ast.stmt], env: Env, until_return: ExitStack) -> bool:
        """Read statements; say whether what follows them is reached."""
        return all(self._statement(statement, env, until_return) for statement in statements)

    def _statement(self, node: ast.stmt, env: Env, until_return: ExitStack) -> bool:
        match node:
            case ast.Return(value=value):
                self._returned.append(self.value(value, env) if value else v.UNKNOWN)
                return False
            case ast.Raise() | ast.Continue() | ast.Break():
                self._children(node, env)
                return False
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branches(test, [body, orelse], env, until_return)
            case ast.Match(subject=subject, cases=cases):
                return self._branches(subject, [*(case.body for case in cases), []], env, until_return)
            case ast.For() | ast.AsyncFor():
                self._for(node, env, until_return)
            case ast.While(test=test, body=body, orelse=orelse):
                self._loop(lambda: self._while(test, body, env, until_return), env)
                return self.block(orelse, env, until_return)
            case ast.Try() | ast.TryStar():
                return self._try(node, env, until_return)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    entered = self.value(item.context_expr, env)
                    if item.optional_vars:
                        self._bind(item.optional_vars, entered, env)
                return self.block(body, env, until_return)
            case _:
                self._simple(node, env)
        return True

    def _simple(self, node: ast.stmt, env: Env) -> None:
        """A statement that has no statements in it, or defines something."""
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                env[name] = v.Function(name, node)
            case ast.ClassDef(name=name):
                env[name] = v.UNKNOWN
            case ast.Assign(targets=targets, value=given):
                result = self.value(given, env)
                for each in targets:
                    self._bind(each, result, env)
            case ast.AnnAssign(target=target, value=annotated):
                self._bind(target, self.value(annotated, env) if annotated else v.UNKNOWN, env)
            case ast.AugAssign(target=target, value=added):
                self.value(added, env)
                self._bind(target, v.UNKNOWN, env)
            case _:
                self._children(node, env)

    def _branches(
        self, test: ast.expr, branches: Sequence[Sequence[ast.stmt]], env: Env, until_return: ExitStack
    ) -> bool:
        self.value(test, env)
        asking = _asks(test)
        ends: list[Env] = []
        with self.recorder.guarded(really=asking):
            for branch in branches:
                own = dict(env)
                if self.block(branch, own, until_return):
                    ends.append(own)
        if asking and len(ends) < len(branches):
            until_return.enter_context(self.recorder.guarded())
        _replace(env, _meet(ends))
        return bool(ends)

    def _while(self, test: ast.expr, body: Sequence[ast.stmt], env: Env, until_return: ExitStack) -> None:
        self.value(test, env)
        self.block(body, env, until_return)

    def _for(self, node: ast.For | ast.AsyncFor, env: Env, until_return: ExitStack) -> None:
        over = self.value(node.iter, env)
        if isinstance(over, v.Items) and len(over.values) <= MAX_ITEMS:
            before = dict(env)
            self.recorder.loops.append(None)
            for value in over.values:
                self._bind(node.target, value, env)
                self.block(node.body, env, until_return)
            self.recorder.loops.pop()
            _replace(env, _meet([before, env]))
        else:
            loop = self._row_loop(node, over)
            self._loop(lambda: self._round(node, over, env, until_return), env, loop)
        self.block(node.orelse, env, until_return)

    def _round(self, node: ast.For | ast.AsyncFor, over: v.Value, env: Env, until_return: ExitStack) -> None:
        self._bind_item(node.target, over, env)
        self.block(node.body, env, until_return)

    def _loop(self, body: Callable[[], None], env: Env, loop: RowLoop | None = None) -> None:
        """Read a loop's body in the light of what its own rounds leave behind."""
        self.recorder.loops.append(loop)
        before = dict(env)
        with self.recorder.silent():
            body()
        _replace(env, _meet([before, env]))
        start = dict(env)
        body()
        _replace(env, _meet([start, env]))
        self.recorder.loops.pop()

    def _row_loop(self, node: ast.For | ast.AsyncFor, over: v.Value) -> RowLoop | None:
        target = node.target
        if isinstance(over, v.Numbered) and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            over, target = over.query, target.elts[1]
        if not isinstance(over, v.Query) or not over.instances or not isinstance(target, ast.Name):
            return None
        return RowLoop(
            variable=target.id,
            query=over.source,
            model=over.model.label,
            line=node.lineno,
            outermost=self.current is self.outermost and target is node.target,
        )

    def _try(self, node: ast.Try | ast.TryStar, env: Env, until_return: ExitStack) -> bool:
        before = dict(env)
        with self.recorder.guarded(really=any(_is_broad(handler) for handler in node.handlers)):
            reached = self.block(node.body, env, until_return)
        interrupted = _meet([before, env])
        if reached:
            reached = self.block(node.orelse, env, until_return)
        ends = [dict(env)] if reached else []
        for handler in node.handlers:
            own = dict(interrupted)
            if handler.name:
                own[handler.name] = v.UNKNOWN
            if self.block(handler.body, own, until_return):
                ends.append(own)
            elif _is_broad(handler):
                until_return.enter_context(self.recorder.guarded())  # nothing more happens where something is missing
        _replace(env, _meet(ends) if ends else interrupted)
        return self.block(node.finalbody, env, until_return) and bool(ends)

    def _bind(self, target: ast.expr, value: v.Value, env: Env) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = value
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                parts = value.values if isinstance(value, v.Items) and len(value.values) == len(elements) else None
                for index, element in enumerate(elements):
                    self._bind(element, parts[index] if parts else v.UNKNOWN, env)
            case ast.Starred(value=inner):
                self._bind(inner, v.UNKNOWN, env)
            case ast.Attribute(value=owner, attr=name):
                self.orm.assign(self.value(owner, env), name, target)
            case _:
                self._children(target, env)

    def _bind_item(self, target: ast.expr, over: v.Value, env: Env) -> None:
        """Bind what a loop gets in each round."""
        item: v.Value = v.UNKNOWN
        if isinstance(over, v.Query):
            item = v.Row(over.model, over.extra) if over.instances else v.UNKNOWN
        elif isinstance(over, v.Numbered):
            item = v.Items((v.UNKNOWN, v.Row(over.query.model, over.query.extra)))
        self._bind(target, item, env)

    # Expressions

    def value(self, node: ast.expr, env: Env) -> v.Value:
        """What an expression stands for; what it calls is read."""
        match node:
            case ast.Constant(value=value):
                if isinstance(value, str) and value:
                    return v.Text(value)
                return v.Empty() if value is None or value == "" else v.UNKNOWN
            case ast.Name(id=name):
                return env[name] if name in env else self._global(node)
            case ast.Attribute():
                return self._attribute(node, env)
            case ast.Call():
                return self._call(node, env)
            case ast.NamedExpr(target=target, value=value):
                env[target.id] = result = self.value(value, env)
                return result
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                found = tuple(self.value(element, env) for element in elements)
                return v.UNKNOWN if any(isinstance(one, ast.Starred) for one in elements) else v.Items(found)
            case ast.Dict(keys=keys, values=inner_values):
                for each in inner_values:
                    self.value(each, env)
                names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
                return v.Names(tuple(names)) if len(names) == len(keys) else v.UNKNOWN
            case ast.Subscript(value=inner, slice=index):
                return self._item(self.value(inner, env), index, env)
            case ast.IfExp() | ast.BoolOp():
                return self._either(node, env)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, env)
            case ast.Lambda():
                return v.Function("<lambda>", node)
            case _:
                self._children(node, env)
                return v.UNKNOWN

    def _either(self, node: ast.IfExp | ast.BoolOp, env: Env) -> v.Value:
        """A conditional expression, or one with ``and`` or ``or``."""
        asked, ways = ([node.test], [node.body, node.orelse]) if isinstance(node, ast.IfExp) else ([], node.values)
        for test in asked:
            self.value(test, env)
        with self.recorder.guarded(really=any(_asks(one) for one in asked or ways)):
            return _agreed([self.value(one, env) for one in ways])

    def _children(self, node: ast.AST, env: Env) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, env)
            else:
                self._children(child, env)

    def _global(self, node: ast.Name | ast.Attribute) -> v.Value:
        """What a name stands for that is none of the function's own."""
        written = ast.unparse(node)
        if label := self.function.real_models.get(written):
            return v.RealModel(label, written)
        match self.known(node):
            case "django.apps.registry.apps":
                return v.RealApps()
            case "django.db.connection":
                return v.Connection(chosen=False)
        if isinstance(node, ast.Name):
            if found := self.text.functions.get(node.id):
                return v.Function(node.id, found)
            constant = self.text.constants.get(node.id)
            if isinstance(constant, ast.Constant | ast.List | ast.Tuple):
                return self.value(constant, {})
        return v.UNKNOWN

    def known(self, node: ast.expr) -> str:
        """The dotted name of what a name of the module stands for today; empty if that is not known."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return ""
        return self.function.known.get(ast.unparse(node), "")

    def _attribute(self, node: ast.Attribute, env: Env) -> v.Value:
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id not in env and (found := self._global(node)) is not v.UNKNOWN:
            return found
        owner = self.value(node.value, env)
        if node.attr == "alias":
            self.recorder.asks_alias = True
        match owner:
            case v.Editor() if node.attr == "connection":
                return v.Connection(chosen=True)
            case v.RealModel() if node.attr in ("objects", "_default_manager", "_base_manager"):
                self._real(owner, node)
            case v.Model() | v.Row() | v.Manager() | v.Query():
                return self.orm.attribute(owner, node)
        return v.UNKNOWN

    def assigned_to(self, written: str) -> tuple[str, ...]:
        """Attributes that the current function sets of something, or sets items of, by how it is written."""
        set_here = [
            node
            for node in ast.walk(self.current)
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        ]
        owners = map(_owner, set_here)
        names = [one.attr for one in owners if isinstance(one, ast.Attribute) and ast.unparse(one.value) == written]
        return tuple(dict.fromkeys(names))

    def _real(self, used: v.RealModel, node: ast.expr) -> None:
        place = self.recorder.place(node.lineno)
        self.recorder.add(RealModel(label=used.label, written=used.written, place=place))

    def _item(self, owner: v.Value, index: ast.expr, env: Env) -> v.Value:
        self.value(index, env)
        if isinstance(owner, v.Query):
            if isinstance(index, ast.Slice):
                return replace(owner, rows="batch")
            return v.Row(owner.model, owner.extra) if owner.instances else v.UNKNOWN
        match owner, index:
            case v.Items(values=values), ast.Constant(value=int(number)) if -len(values) <= number < len(values):
                return values[number]
        return v.UNKNOWN

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Env) -> v.Value:
        env = dict(env)
        over: v.Value = v.UNKNOWN
        for generator in node.generators:
            over = self.value(generator.iter, env)
            self._bind_item(generator.target, over, env)
            with self.recorder.guarded(really=any(_asks(one) for one in generator.ifs)):
                for condition in generator.ifs:
                    self.value(condition, env)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        loop = None
        if isinstance(over, v.Query) and over.instances and isinstance(node.generators[-1].target, ast.Name):
            loop = RowLoop(variable=node.generators[-1].target.id, query=over.source, model=over.model.label)
        self.recorder.loops.append(loop)
        found = [self.value(part, env) for part in parts]
        self.recorder.loops.pop()
        if isinstance(over, v.Query) and found == [v.Row(over.model, over.extra)]:
            return replace(over, listed=True)
        return v.UNKNOWN

    # Calls

    def _call(self, node: ast.Call, env: Env) -> v.Value:
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in ("using", "db_manager"):
                self.recorder.asks_alias = True
            owner = self.value(node.func.value, env)
            match owner:
                case v.Apps() | v.RealApps() if node.func.attr == "get_model":
                    return self._get_model(owner, node, env)
                case v.Apps() | v.RealApps() if node.func.attr == "get_models":
                    self.recorder.unread(f"{ast.unparse(node)}: which models these are is not followed", node.lineno)
                    return v.UNKNOWN
                case v.Manager() | v.Query() | v.Row() | v.Meta():
                    return self.orm.call(owner, node, env)
                case v.Connection() if node.func.attr == "cursor":
                    if not owner.chosen:
                        self.recorder.default_query(node.lineno)
                    return v.Cursor()
                case v.Cursor() | v.Editor() if node.func.attr in ("execute", "executemany"):
                    self._execute(node, env)
                    return v.UNKNOWN
        if any(keyword.arg == "using" for keyword in node.keywords):
            self.recorder.asks_alias = True
        called = self.value(node.func, env)
        match called:
            case v.Function():
                return self._follow(called, node, env)
            case v.Model(model=model):
                return self.orm.instance(model, node, env)
            case v.RealModel():
                self._real(called, node)
        return self._other(node, env)

    def arguments(self, node: ast.Call, env: Env) -> list[v.Value]:
        """Values of all arguments, keywords last."""
        return [self.value(one, env) for one in (*node.args, *(keyword.value for keyword in node.keywords))]

    def _other(self, node: ast.Call, env: Env) -> v.Value:
        """A call of something outside the file, or of nobody knows what."""
        name = self.known(node.func)
        if name == "django.contrib.auth.get_user_model":
            return v.RealModel("get_user_model()", ast.unparse(node))
        arguments = self.arguments(node, env)
        if name == "django.core.management.call_command" and arguments and arguments[0] == v.Text("loaddata"):
            place = self.recorder.place(node.lineno)
            self.recorder.add(RealModel(label="", written=ast.unparse(node), place=place))
            return v.UNKNOWN
        for one in arguments:
            if (
                isinstance(one, v.Function) and one.name not in self.recorder.stack
            ):  # to be called by what it is given to
                self._enter(one, {} if one.name in self.text.functions else dict(env))
        if isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id) and arguments:
            return _builtin(node.func.id, arguments)
        given = [one for one in arguments if isinstance(one, v.Apps | v.Editor | v.Connection | v.Model | v.Manager)]
        if given and not name.startswith(("django.db.", "django.utils.")):
            self.recorder.unread(f"{ast.unparse(node.func)}() is called, which is not in this file", node.lineno)
        return v.UNKNOWN

    def _get_model(self, owner: v.Value, node: ast.Call, env: Env) -> v.Value:
        given = dict(zip(("app_label", "model_name"), (self.value(one, env) for one in node.args), strict=False))
        given |= {one.arg: self.value(one.value, env) for one in node.keywords if one.arg}
        app, name = given.get("app_label"), given.get("model_name")
        label = ".".join(one.text for one in (app, name) if isinstance(one, v.Text))
        if label.count(".") != 1 or (name is not None and not isinstance(name, v.Text | v.Empty)):
            self.recorder.unread(f"{ast.unparse(node)}: which model that is stands elsewhere", node.lineno)
            return v.UNKNOWN
        if isinstance(owner, v.RealApps):
            place = self.recorder.place(node.lineno)
            self.recorder.add(RealModel(label=label, written=ast.unparse(node), place=place))
            return v.UNKNOWN
        return self.orm.historical(label, node.lineno)

    def _execute(self, node: ast.Call, env: Env) -> None:
        text, *_ = [*self.arguments(node, env), v.UNKNOWN]
        if isinstance(text, v.Text):
            place = self.recorder.place(node.lineno)
            self.recorder.add(RawSql(sql=text.text, repeated=bool(self.recorder.loops), place=place))
        else:
            self.recorder.unread("it executes SQL that is put together at run time", node.lineno)

    def _follow(self, function: v.Function, node: ast.Call, env: Env) -> v.Value:
        arguments = [self.value(one, env) for one in node.args]
        keywords = {one.arg: self.value(one.value, env) for one in node.keywords if one.arg}
        stack = self.recorder.stack
        if function.name in stack or len(stack) >= MAX_DEPTH:
            return v.UNKNOWN
        args = function.node.args
        parameters = [one.arg for one in (*args.posonlyargs, *args.args)]
        inner: Env = {} if function.name in self.text.functions else dict(env)
        inner |= dict.fromkeys(parameters, v.UNKNOWN)
        defaults = zip(reversed(parameters), reversed(args.defaults), strict=False)
        inner |= {name: self.value(default, {}) for name, default in defaults}
        if not any(isinstance(one, ast.Starred) for one in node.args):
            inner |= dict(zip(parameters, arguments, strict=False))
        else:
            inner |= dict.fromkeys(parameters, v.UNKNOWN)
        inner |= {name: value for name, value in keywords.items() if name in {*parameters, *_names(args.kwonlyargs)}}
        if any(one.arg is None for one in node.keywords):
            inner |= dict.fromkeys([name for name in parameters if name not in keywords], v.UNKNOWN)
        return self._enter(function, inner)

    def _enter(self, function: v.Function, env: Env) -> v.Value:
        """Read a function that another calls."""
        self.recorder.stack.append(function.name)
        result = self.run(function.node, env)
        self.recorder.stack.pop()
        return result


def _names(arguments: Iterable[ast.arg]) -> set[str]:
    return {one.arg for one in arguments}


def _builtin(name: str, arguments: list[v.Value]) -> v.Value:
    first = arguments[0]
    if isinstance(first, v.Query):
        if name in ("list", "tuple", "set", "sorted", "reversed", "iter"):
            return replace(first, listed=True)
        if name == "enumerate" and first.instances:
            return v.Numbered(first)
    return first if name in ("list", "tuple") and isinstance(first, v.Items) else v.UNKNOWN


def _agreed(found: Sequence[v.Value]) -> v.Value:
    return found[0] if found and all(one == found[0] for one in found) else v.UNKNOWN


def _meet(envs: Sequence[Env]) -> Env:
    """What is known where several ways through the code meet."""
    if not envs:
        return {}
    names = dict.fromkeys(name for env in envs for name in env)
    return {name: _agreed([env.get(name, v.UNKNOWN) for env in envs]) for name in names}


def _replace(env: Env, by: Env) -> None:
    by = dict(by)
    env.clear()
    env.update(by)


def _owner(node: ast.expr) -> ast.expr:
    """What an item of an item is of."""
    return _owner(node.value) if isinstance(node, ast.Subscript) else node


def _asks(test: ast.expr) -> bool:
    """Whether a condition asks what there is (apps, fields, versions), rather than what is in the database."""
    for node in ast.walk(test):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in ASKING:
                return True
    return False


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind).rpartition(".")[2] in BROAD for kind in kinds)
