"""What calls on historical models, their managers, queries and instances mean."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from migsafe.python import values as v
from migsafe.python.models import HistoricalModel, Step
from migsafe.python.reading import ModelUse, Write, WriteKind
from migsafe.python.recorder import Recorder

if TYPE_CHECKING:
    from migsafe.python.reader import Env, Reader

LOOKUPS = frozenset(("filter", "exclude", "get", "get_or_create", "update_or_create"))
"""Methods whose keywords are names in a query with lookups."""

NAMING = frozenset(
    ("values", "values_list", "order_by", "only", "defer", "distinct", "select_related", "earliest", "latest")
)
"""Methods whose positional arguments are names in a query."""

SAME_ROWS = frozenset(
    ("order_by", "select_related", "prefetch_related", "only", "defer", "using", "db_manager", "reverse")
)
SAME_ROWS |= {"all", "distinct", "select_for_update", "iterator", "complex_filter", "none"}
"""Methods that give the rows of the query that they are called on."""

ONE_ROW = frozenset(("get", "first", "last", "earliest", "latest"))

OTHER_ROWS = frozenset(("values", "values_list", "dates", "datetimes"))

WRITES: dict[str, WriteKind] = {
    name: name
    for name in ("update", "delete", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update")
}

EXPRESSIONS = "django.db.models."
"""Where Django's expressions are defined."""

ALL_NAMES = frozenset({
    *("F", "Sum", "Avg", "Min", "Max", "Count", "StdDev", "Variance", "Lower", "Upper", "Length", "Trim", "LTrim"),
    *("RTrim", "Coalesce", "Concat", "ConcatPair", "Greatest", "Least"),
})  # fmt: skip
"""Expressions for which every positional string is a name in the query."""

FIRST_NAMES = frozenset(
    ("Cast", "Substr", "Left", "Right", "Replace", "Round", "Abs", "Floor", "Ceil", "NullIf", "StrIndex")
)
"""Expressions for which the first is; also all that truncate or extract."""

SUBQUERIES = frozenset(("Subquery", "Exists", "OuterRef", "ResolvedOuterRef"))

BATCH = frozenset(("in", "range", "gt", "gte", "lt", "lte"))
"""Lookups that cut the primary keys into batches."""


class Orm:
    """Django's ORM, as far as code can be read without running it."""

    def __init__(self, reader: "Reader", recorder: Recorder) -> None:
        self.reader = reader
        self.recorder = recorder
        self.models = recorder.models

    # Models and what they have

    def historical(self, label: str, line: int) -> v.Value:
        """``apps.get_model``."""
        model = self.models.get(label)
        app, _, name = label.partition(".")
        exists = model is not None and model.label.startswith(f"{app}.")
        if not exists and self.models.is_through(label.lower()):
            return v.UNKNOWN
        shown = f"{app}.{model.name if model and exists else name}"
        self.recorder.add(ModelUse(label=shown, exists=exists, place=self.recorder.place(line)))
        return v.Model(model) if model and exists else v.UNKNOWN

    def attribute(self, owner: v.Value, node: ast.Attribute) -> v.Value:
        """An attribute that is read."""
        name = node.attr
        match owner:
            case v.Model(model=model):
                return self._of_model(model, node)
            case v.Row(model=model, extra=extra):
                return self._of_row(model, extra, node)
            case v.Query() if name == "query" or owner.listed:
                return v.UNKNOWN
        return v.UNKNOWN

    def _of_model(self, model: HistoricalModel, node: ast.Attribute) -> v.Value:
        name = node.attr
        if name == "_meta":
            return v.Meta(model)
        managers = self._managers(model)
        if name in ("_default_manager", "_base_manager"):
            return v.Manager(model, name if set(managers) != {"objects"} else "objects")
        if name in managers:
            if not self.recorder.asks_alias:
                self.recorder.default_query(node.lineno)
            return v.Manager(model, name)
        if not name.startswith("_") and self.models.is_closed(model) and name not in self.models.attributes(model):
            self._lacks(model, name, "model", node)
        return v.UNKNOWN

    def _of_row(self, model: HistoricalModel, extra: frozenset[str] | None, node: ast.Attribute) -> v.Value:
        name = node.attr
        if name == "_meta":
            return v.Meta(model)
        if name.startswith("_") or extra is None or name in extra:
            return v.UNKNOWN
        attributes = self.models.attributes(model)
        if name not in attributes:
            if self.models.is_closed(model):
                self._lacks(model, name, "instance", node)
            return v.UNKNOWN
        step = attributes[name]
        return v.UNKNOWN if step is None else self._related(step, name, node.lineno)

    def _related(self, step: Step, name: str, line: int) -> v.Value:
        """What an instance's relation leads to."""
        self.recorder.use_field(step, line)
        target = self.models.get(step.leads_to) if step.leads_to else None
        if target is None or (name == step.field.attname != step.field.name and not step.reverse):
            return v.UNKNOWN
        if step.field.many or (step.reverse and not step.field.unique):
            return v.Manager(target, next(iter(self._managers(target)), "objects"), related=True)
        return v.Row(target)

    def _lacks(self, model: HistoricalModel, name: str, of: str, node: ast.AST) -> None:
        if name not in self.reader.text.attributes_assigned:
            self.recorder.missing(model, name, of, getattr(node, "lineno", 0))

    def _managers(self, model: HistoricalModel) -> dict[str, frozenset[str]]:
        return {name: has for one in reversed([*self.models.lineage(model)]) for name, has in one.managers.items()}

    def assign(self, owner: v.Value, name: str, node: ast.AST) -> None:
        """An attribute that is set."""
        if not isinstance(owner, v.Row):
            return
        model, line = owner.model, getattr(node, "lineno", 0)
        step = self.models.attributes(model).get(name)
        if step is not None:
            self.recorder.use_field(step, line)
        elif (
            name not in self.models.attributes(model)
            and not name.startswith("_")
            and self.models.is_closed(model)
            and name not in self.reader.text.attributes_read
        ):
            self.recorder.missing(model, name, "assigned", line)

    def instance(self, model: HistoricalModel, node: ast.Call, env: "Env") -> v.Value:
        """``Model(…)``."""
        query = v.Query(model)
        for argument in node.args:
            self._expression(query, argument, env)
        self._fields(query, node, env)
        return v.Row(model, new=True)

    # Methods

    def call(self, owner: v.Value, node: ast.Call, env: "Env") -> v.Value:
        """A method of a manager, a query, an instance or ``_meta``."""
        assert isinstance(node.func, ast.Attribute)
        name = node.func.attr
        match owner:
            case v.Meta(model=model):
                first = self._argument(node, env)
                if name == "get_field" and isinstance(first, v.Text) and self.models.is_closed(model):
                    known = {**self.models.queried(model), **self.models.attributes(model)}
                    if first.text not in known:
                        self.recorder.missing(model, first.text, "query", node.lineno)
                return v.UNKNOWN
            case v.Row(model=model):
                return self._row_method(owner, node, env)
            case v.Manager(model=model, name=manager, related=related):
                has = self._managers(model).get(manager)
                if has is not None and not related and self.models.is_closed(model) and name not in has:
                    if not name.startswith("_"):
                        self.recorder.missing(model, f"{manager}.{name}", "manager", node.lineno)
                    self.reader.arguments(node, env)
                    return v.UNKNOWN
                rows: v.Rows = "some" if related else "all"
                query = v.Query(model, source=ast.unparse(node.func.value), rows=rows)
                if has is not None and not self._is_django(name):
                    self.reader.arguments(node, env)
                    return v.UNKNOWN
                return self._query_method(query, node, env)
            case v.Query() if not owner.listed:
                return self._query_method(owner, node, env)
        self.reader.arguments(node, env)
        return v.UNKNOWN

    def _is_django(self, name: str) -> bool:
        return name in self.models.query_methods or not self.models.query_methods

    def _argument(self, node: ast.Call, env: "Env") -> v.Value:
        return next(iter(self.reader.arguments(node, env)), v.UNKNOWN)

    def _row_method(self, row: v.Row, node: ast.Call, env: "Env") -> v.Value:
        assert isinstance(node.func, ast.Attribute)
        name, model = node.func.attr, row.model
        values = {one.arg: self.reader.value(one.value, env) for one in node.keywords}
        for one in node.args:
            self.reader.value(one, env)
        if name == "save":
            update_fields = values.get("update_fields")
            names = _texts(update_fields)
            for each in names or ():
                self._field_name(model, each, node.lineno)
            fields = names or self.reader.assigned_to(ast.unparse(node.func.value))
            self._write("create" if row.new else "save", model, node, rows="one", fields=fields)
        elif name == "delete":
            self._write("delete", model, node, rows="one")
        else:
            self._of_row(model, row.extra, node.func)
        return v.UNKNOWN

    def _query_method(self, query: v.Query, node: ast.Call, env: "Env") -> v.Value:
        assert isinstance(node.func, ast.Attribute)
        name, model = node.func.attr, query.model
        if query.django and not self._is_django(name) and not name.startswith("_"):
            self.recorder.missing(model, f"QuerySet.{name}", "manager", node.lineno)
        annotates = name in ("annotate", "alias") or name in OTHER_ROWS
        extra = query.extra
        if annotates and extra is not None:
            given = self._annotations(node)
            extra = None if given is None else extra | given
        seen = replace(query, extra=extra)
        for argument in node.args:
            self._argument_of(seen, name, argument, env)
        if name in WRITES and name not in ("bulk_create", "bulk_update"):
            self._fields(seen, node, env, lookups=name in LOOKUPS)
        else:
            for keyword in node.keywords:
                if keyword.arg and (name in LOOKUPS):
                    self.recorder.query_name(model, keyword.arg, keyword.value.lineno, query.extra)
                elif keyword.arg is None and (name in LOOKUPS):
                    self._unpacked(seen, keyword.value, env)
                self._expression(query, keyword.value, env)
        if name in WRITES:
            return self._query_write(seen, node, env)
        return self._result(replace(seen, source=ast.unparse(node)), name, node, env)

    def _unpacked(self, query: v.Query, node: ast.expr, env: "Env") -> None:
        """``filter(**{…})``."""
        found = self.reader.value(node, env)
        if isinstance(found, v.Names):
            for key in found.keys:
                self.recorder.query_name(query.model, key, node.lineno, query.extra)

    def _annotations(self, node: ast.Call) -> frozenset[str] | None:
        """Names that a call gives to rows; None when they are not known."""
        names = {keyword.arg for keyword in node.keywords if keyword.arg}
        if len(names) < len(node.keywords):
            return None
        for argument in node.args:
            match argument:
                case ast.Call(args=[ast.Constant(value=str(name)), *_], func=function):
                    names.add(f"{name}__{ast.unparse(function).rpartition('.')[2].lower()}")  # a default alias
                case ast.Constant():
                    pass
                case _:
                    return None
        return frozenset(names)

    def _argument_of(self, query: v.Query, method: str, node: ast.expr, env: "Env") -> None:
        """A positional argument of a query's method."""
        names = {"dates": 1, "datetimes": 1}.get(method, 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (method in NAMING or names):
            if not names or node.value not in (
                "year",
                "month",
                "week",
                "day",
                "hour",
                "minute",
                "second",
                "ASC",
                "DESC",
            ):
                name = node.value.removeprefix("-").removeprefix("+")
                if name and name != "?":
                    self.recorder.query_name(query.model, name, node.lineno, query.extra)
        elif method == "bulk_update":
            found = self.reader.value(node, env)
            for each in _texts(found) or ():
                self._field_name(query.model, each, node.lineno)
        else:
            self._expression(query, node, env)

    def _expression(self, query: v.Query, node: ast.expr, env: "Env") -> None:
        """An expression in a query: its names are the query's."""
        match node:
            case ast.Call(func=function, args=arguments, keywords=keywords) if (
                known := self.reader.known(function)
            ).startswith(EXPRESSIONS):
                kind = known.rpartition(".")[2]
                if kind in SUBQUERIES:
                    self.reader.arguments(node, env)
                    return
                for index, argument in enumerate(arguments):
                    if _is_name(argument) and _names_field(kind, index):
                        self.recorder.query_name(query.model, argument.value, argument.lineno, query.extra)  # type: ignore[attr-defined]
                    else:
                        self._expression(query, argument, env)
                for keyword in keywords:
                    if kind in ("Q", "When") and keyword.arg not in (
                        None,
                        "then",
                        "condition",
                        "_connector",
                        "_negated",
                    ):
                        self.recorder.query_name(query.model, str(keyword.arg), keyword.value.lineno, query.extra)
                    self._expression(query, keyword.value, env)
            case ast.BinOp(left=left, right=right):
                self._expression(query, left, env)
                self._expression(query, right, env)
            case ast.UnaryOp(operand=operand):
                self._expression(query, operand, env)
            case _:
                self.reader.value(node, env)

    def _fields(self, query: v.Query, node: ast.Call, env: "Env", *, lookups: bool = False) -> None:
        """Keywords that give values to fields; with ``lookups``, only those in ``defaults``."""
        model = query.model
        for keyword in node.keywords:
            if keyword.arg in ("defaults", "create_defaults") and lookups:
                found = self.reader.value(keyword.value, env)
                for key in found.keys if isinstance(found, v.Names) else ():
                    self._field_name(model, key, keyword.value.lineno)
                continue
            if keyword.arg is None:
                found = self.reader.value(keyword.value, env)
                for key in found.keys if isinstance(found, v.Names) and not lookups else ():
                    self._field_name(model, key, keyword.value.lineno)
                continue
            if lookups:
                self.recorder.query_name(model, keyword.arg, keyword.value.lineno, query.extra)
            else:
                self._field_name(model, keyword.arg, keyword.value.lineno)
            self._expression(query, keyword.value, env)

    def _field_name(self, model: HistoricalModel, name: str, line: int) -> None:
        """A name that must be that of a field, or of a property of a base."""
        if name == "pk" or not self.models.is_closed(model):
            return
        step = self.models.queried(model).get(name)
        if step is not None:
            self.recorder.use_field(step, line)
        elif name not in self.models.attributes(model):
            self.recorder.missing(model, name, "query", line)

    def _query_write(self, query: v.Query, node: ast.Call, env: "Env") -> v.Value:
        assert isinstance(node.func, ast.Attribute)
        kind = WRITES[node.func.attr]
        fields: tuple[str, ...] | None = tuple(one.arg for one in node.keywords if one.arg)
        cleared = tuple(one.arg for one in node.keywords if one.arg and self.reader.value(one.value, env) == v.Empty())
        if any(one.arg is None for one in node.keywords) or kind in ("delete", "bulk_create"):
            fields = None
        elif kind == "bulk_update":
            given = [*node.args[1:], *(one.value for one in node.keywords if one.arg == "fields")]
            fields = _texts(self.reader.value(given[0], env)) if given else None
        rows = query.rows
        if query.unfilled and rows == "some" and kind == "update":
            rows = "unfilled" if query.unfilled.intersection(fields or ()).difference(cleared) else "some"
        self._write(kind, query.model, node, rows=rows, fields=fields, cleared=cleared, query=query.source)
        if kind == "create":
            return v.Row(query.model)
        if kind in ("get_or_create", "update_or_create"):
            return v.Items((v.Row(query.model), v.UNKNOWN))
        return v.UNKNOWN

    def _write(
        self,
        kind: WriteKind,
        model: HistoricalModel,
        node: ast.Call,
        *,
        rows: v.Rows,
        fields: tuple[str, ...] | None = None,
        cleared: tuple[str, ...] = (),
        query: str = "",
    ) -> None:
        assert isinstance(node.func, ast.Attribute)
        tables = [one.table for one in self.models.lineage(model) if not one.proxy]
        self.recorder.add(
            Write(
                kind=kind,
                model=model.label,
                table=tables[0] if tables else model.table,
                fields=fields,
                cleared=cleared,
                rows=rows,
                query=query or ast.unparse(node.func.value),
                call=ast.unparse(node)[len(ast.unparse(node.func.value)) + 1 :],
                loop=self.recorder.row_loop,
                repeated=bool(self.recorder.loops),
                place=self.recorder.place(node.lineno),
            )
        )

    def _result(self, query: v.Query, method: str, node: ast.Call, env: "Env") -> v.Value:
        """What a method that only reads returns."""
        if method in ONE_ROW:
            return v.Row(query.model, query.extra) if query.instances else v.UNKNOWN
        if method in ("filter", "exclude"):
            return self._filtered(query, method, node, env)
        if method in ("annotate", "alias") or method in SAME_ROWS:
            return query
        if method in OTHER_ROWS:
            return replace(query, instances=False)
        return v.UNKNOWN

    def _filtered(self, query: v.Query, method: str, node: ast.Call, env: "Env") -> v.Query:
        """The query after ``filter`` or ``exclude``."""
        if not node.args and not node.keywords:
            return query
        rows: v.Rows = "some" if query.rows in ("all", "unfilled") else query.rows
        unfilled = set(query.unfilled)
        primary = self.models.primary_key(query.model)
        for keyword in node.keywords:
            name, _, lookup = (keyword.arg or "").partition("__")
            is_key = name == "pk" or (primary is not None and name in (primary.name, primary.attname))
            if method == "filter" and is_key and lookup in ("", "exact"):
                rows = "one"
            elif method == "filter" and is_key and lookup in BATCH and rows != "one":
                rows = "batch"
            elif method == "filter" and self._is_unfilled(lookup, keyword.value, env):
                unfilled.add(self._name_of(query.model, name))
        return replace(query, rows=rows, unfilled=frozenset(unfilled))

    def _is_unfilled(self, lookup: str, node: ast.expr, env: "Env") -> bool:
        if lookup == "isnull":
            return isinstance(node, ast.Constant) and node.value is True
        return lookup in ("", "exact") and isinstance(self.reader.value(node, env), v.Empty)

    def _name_of(self, model: HistoricalModel, name: str) -> str:
        step = self.models.queried(model).get(name)
        return name if step is None or step.reverse else step.field.name


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in ("*", "")


def _names_field(kind: str, index: int) -> bool:
    if kind in ALL_NAMES:
        return True
    return index == 0 and (kind in FIRST_NAMES or kind.startswith(("Trunc", "Extract")))


def _texts(value: v.Value | None) -> tuple[str, ...] | None:
    """The strings of a literal list; None if it is not one."""
    if isinstance(value, v.Items) and all(isinstance(one, v.Text) for one in value.values):
        return tuple(one.text for one in value.values if isinstance(one, v.Text))
    return None
