"""Migrations that name those of a plan: edits of their files that change nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from migsafe.errors import MigsafeError
from migsafe.plan.files import read_source
from migsafe.project.graph import History, Key, migration_path

ATTRIBUTES = ("dependencies", "run_before", "replaces")

Named = Mapping[Key, Sequence[Key]]
"""What is named instead of a migration."""


@dataclass(frozen=True)
class Places:
    """What stands in the place of migrations, by who names them.

    Attributes:
        dependencies: For those that come after: the last of its files.
        run_before: For those that come before: the first.
        replaces: For squashes: all.
    """

    dependencies: Named
    run_before: Named
    replaces: Named

    @classmethod
    def of(cls, files: Mapping[Key, Sequence[Key]], history: History) -> "Places":
        """Where the files of a deploy are.

        Args:
            files: By original, those that are made of it. Where there are none yet, what the original comes after in
                its app stands for it.
        """
        last: dict[Key, Sequence[Key]] = {}
        for key in (one for one in history.order if one in files):
            before = [parent for parent in history.digraph.predecessors(key) if parent[0] == key[0]]
            own = [one for parent in sorted(before) for one in last.get(parent, [parent])]
            last[key] = files[key][-1:] or own
        return cls(last, {key: made[:1] for key, made in files.items()}, files)


def dependents(history: History, files: Mapping[Key, Sequence[Key]]) -> dict[Key, str]:
    """Migrations that name originals → the text of their files with what is there instead.

    Args:
        files: By original, the files of the deploy that are made of it.

    Raises:
        MigsafeError: One of them computes what it names.
    """
    places = Places.of(files, history)
    found: dict[Key, str] = {}
    for key, migration in sorted(history.loader.disk_migrations.items()):
        named = {one for name in ATTRIBUTES for one in getattr(migration, name) if one in files}
        if key in files or all(files[one] == [one] for one in named):
            continue
        path = migration_path(migration)
        if any(one in files and not files[one] for one in migration.run_before):
            raise MigsafeError(
                f"{path} runs before a migration of which nothing is in deploy 1",
                "Take it out of its run_before, and make it a dependency of that migration.",
            )
        text = renamed(read_source(path), places)
        if any(one in _named(text) for one in named if one not in files[one]) or text == read_source(path):
            raise MigsafeError(
                f"{path} names {', '.join(map('.'.join, sorted(named)))} in a way that cannot be edited",
                "Write it out as a tuple of two strings in its list.",
            )
        found[key] = text
    return found


def renamed(text: str, places: Places) -> str:
    """A migration file that names others than it did in its class; all else is the same to the byte."""
    module = cst.parse_module(text)
    body = [
        _class(one, places) if isinstance(one, cst.ClassDef) and one.name.value == "Migration" else one
        for one in module.body
    ]
    return module.with_changes(body=body).code


def own_dependencies(text: str, app: str) -> tuple[Key, ...]:
    """Those on other migrations of its app that a file has written out."""
    return tuple(key for key in _named(text, ("dependencies",)) if key[0] == app)


def _named(text: str, attributes: Sequence[str] = ATTRIBUTES) -> list[Key]:
    """What a file names in lists that are written out."""
    return [
        key
        for one in cst.parse_module(text).body
        if isinstance(one, cst.ClassDef) and one.name.value == "Migration"
        for line in one.body.body
        if isinstance(line, cst.SimpleStatementLine)
        for statement in line.body
        if _attribute(statement) in attributes
        for element in _list(statement).elements
        if (key := _key(element))
    ]


def _class(node: cst.ClassDef, places: Places) -> cst.ClassDef:
    lines = [
        line.with_changes(body=[_statement(one, places) for one in line.body])
        if isinstance(line, cst.SimpleStatementLine)
        else line
        for line in node.body.body
    ]
    return node.with_changes(body=node.body.with_changes(body=lines))


def _attribute(node: cst.BaseSmallStatement) -> str | None:
    """What a statement gives a list that is written out."""
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        target: cst.BaseExpression = node.targets[0].target
    elif isinstance(node, cst.AnnAssign):
        target = node.target
    else:
        return None
    return target.value if isinstance(target, cst.Name) and isinstance(node.value, cst.List | cst.Tuple) else None


def _list(node: cst.BaseSmallStatement) -> cst.List | cst.Tuple:
    assert isinstance(node, cst.Assign | cst.AnnAssign)
    assert isinstance(node.value, cst.List | cst.Tuple)
    return node.value


def _statement(node: cst.BaseSmallStatement, places: Places) -> cst.BaseSmallStatement:
    name = _attribute(node)
    if name not in ATTRIBUTES:
        return node
    value = _list(node)
    return node.with_changes(value=value.with_changes(elements=_elements(value.elements, getattr(places, name))))


def _elements(elements: Iterable[cst.BaseElement], instead: Named) -> list[cst.BaseElement]:
    found: list[cst.BaseElement] = []
    names = {key for element in elements if (key := _key(element)) and key not in instead}
    for element in elements:
        key = _key(element)
        if key is None or key not in instead:
            found.append(element)
            continue
        new = [one for one in instead[key] if one not in names]
        names |= set(new)
        copies = [_with_key(element, one) for one in new]
        # A comma after all but the last, which has what the element had.
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        if isinstance(element.comma, cst.Comma) and element.comma.whitespace_after.empty is False:
            between = element.comma
        elif found and isinstance(found[-1].comma, cst.Comma):
            between = found[-1].comma
        found += [one.with_changes(comma=between) for one in copies[:-1]] + copies[-1:]
        if not new and found:
            found[-1] = found[-1].with_changes(comma=element.comma)
    return found


def _key(element: cst.BaseElement) -> Key | None:
    pair = element.value
    if not isinstance(pair, cst.Tuple | cst.List) or len(pair.elements) != 2:
        return None
    texts = [one.value for one in pair.elements]
    app, name = (one.evaluated_value if isinstance(one, cst.SimpleString) else None for one in texts)
    return (app, name) if isinstance(app, str) and isinstance(name, str) else None


def _with_key(element: cst.BaseElement, key: Key) -> cst.BaseElement:
    pair = element.value
    assert isinstance(pair, cst.Tuple | cst.List)
    parts = []
    for one, text in zip(pair.elements, key, strict=True):
        assert isinstance(one.value, cst.SimpleString)
        quote = one.value.quote
        parts.append(one.with_changes(value=cst.SimpleString(f"{quote}{text}{quote}")))
    return element.with_changes(value=pair.with_changes(elements=parts))
