"""Imports at the top of a migration file: those of the original that are still needed, and new ones among them."""

import ast
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

WIDTH = 88
"""Characters on a line, as black and ruff have it unless they are told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Import:
    """One name that is imported.

    Attributes:
        module: With the dots of a relative import.
        imported: What is taken from it; empty for ``import module``.
        alias: What comes after ``as``.
    """

    module: str
    imported: str = ""
    alias: str | None = None

    @property
    def name(self) -> str:
        """What it is called in the file."""
        return self.alias or self.imported or self.module.partition(".")[0]

    @property
    def written(self) -> str:
        """As it stands in a statement that may have several."""
        return (self.imported or self.module) + (f" as {self.alias}" if self.alias else "")

    @property
    def statement(self) -> str:
        return f"from {self.module} import {self.written}" if self.imported else f"import {self.written}"


def imports_of(statement: str | ast.Import | ast.ImportFrom) -> tuple[Import, ...]:
    """The names of an import statement."""
    node = ast.parse(statement).body[0] if isinstance(statement, str) else statement
    if isinstance(node, ast.Import):
        return tuple(Import(module=one.name, alias=one.asname) for one in node.names)
    assert isinstance(node, ast.ImportFrom)
    module = "." * node.level + (node.module or "")
    return tuple(Import(module=module, imported=one.name, alias=one.asname) for one in node.names)


@dataclass
class _Statement:
    """An import statement.

    Attributes:
        text: As its author wrote it; empty once it is another one.
        place: Its lines in the file; none if it is new.
        comments: Lines above.
        behind: Comment at its end.
        gap: Whether there is an empty line above.
    """

    names: list[Import]
    text: str = ""
    place: slice | None = None
    comments: Sequence[str] = ()
    behind: str = ""
    gap: bool = False

    @property
    def takes_names(self) -> bool:
        """Whether another name may go into it: a comment on a single name stays where it is."""
        plain = ";" not in self.text and "#" not in self.text.partition("\n")[2]
        return plain and self.names[0].imported not in ("", "*")

    @property
    def section(self) -> int:
        """Of the parts into which tools sort imports, apart from what is the project's own."""
        module = self.names[0].module
        if module == "__future__":
            return 0
        if module.startswith("."):
            return 3
        return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2

    @property
    def key(self) -> tuple[bool, str]:
        """By which Django sorts."""
        return bool(self.names[0].imported), self.names[0].module

    def written(self) -> str:
        if self.text:
            return self.text
        names = [one.written for one in self.names]
        head = f"from {self.names[0].module} import " if self.names[0].imported else "import "
        line = head + ", ".join(names)
        if len(line) <= WIDTH or not self.names[0].imported:
            return line + self.behind
        return "\n".join([f"{head}({self.behind}", *(f"    {name}," for name in names), ")"])


@dataclass
class Imports:
    """The imports of a file that is made."""

    statements: list[_Statement] = field(default_factory=list)

    def keep(
        self, node: ast.Import | ast.ImportFrom, text: str, comments: Sequence[str] = (), *, gap: bool = False
    ) -> None:
        """Take over a statement of the original."""
        behind = re.search(r"  #.*$", text.partition("\n")[0])
        place = slice(node.lineno - 1, node.end_lineno)
        names = list(imports_of(node))
        self.statements.append(_Statement(names, text, place, comments, behind[0] if behind else "", gap))

    def narrow(self, needed: Collection[str], code: str) -> None:
        """Leave out what code does not need."""
        paths = {one.module for statement in self.statements for one in statement.names if _is_path(one)}
        wanted = set(_wanted(paths, code))
        gap = False
        kept: list[_Statement] = []
        for statement in self.statements:
            names = [
                one
                for one in statement.names
                if one.module == "__future__"
                or one.imported == "*"
                or (one.name in needed and (not _is_path(one) or one.module in wanted))
            ]
            gap = gap or statement.gap
            if names:
                if len(names) < len(statement.names):
                    statement.names, statement.text = names, ""
                statement.gap, gap = gap and bool(kept), False
                kept.append(statement)
        self.statements = kept

    def add(self, new: Import) -> None:
        """Add a name that may be there already: to the statement for its module, or where a new one belongs."""
        if any(new in statement.names for statement in self.statements):
            return
        for statement in self.statements:
            if new.imported and statement.takes_names and statement.names[0].module == new.module:
                statement.names = sorted([*statement.names, new], key=_by_name)
                statement.text = ""
                return
        added = _Statement([new])
        place = sum((one.section, one.key) < (added.section, added.key) for one in self.statements)
        if place < len(self.statements) and self.statements[place].section == added.section:
            self.statements[place].gap, added.gap = False, self.statements[place].gap
        elif place < len(self.statements):
            self.statements[place].gap = True
        if place and self.statements[place - 1].section != added.section:
            added.gap = True
        self.statements.insert(place, added)

    @property
    def bound(self) -> set[str]:
        return {one.name for statement in self.statements for one in statement.names}

    def text(self) -> str:
        lines = []
        for number, statement in enumerate(self.statements):
            lines += [""] * (statement.gap and number > 0)
            lines += [*statement.comments, statement.written()]
        return "\n".join(lines)


def importing(text: str, new: Import) -> str:
    """A file with an import that it may not have yet; its other lines stay as they are."""
    lines, imports = text.split("\n"), Imports()
    body = ast.parse(text).body
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.keep(node, "\n".join(lines[node.lineno - 1 : node.end_lineno]))
    imports.add(new)
    for index, one in enumerate(imports.statements):
        if not one.text:
            place, above, below = (one.place, 0, 0) if one.place else _free(imports.statements, index, body)
            lines[place] = [*[""] * above, *one.written().split("\n"), *[""] * below]
    return "\n".join(lines)


def _free(statements: Sequence[_Statement], index: int, body: Sequence[ast.stmt]) -> tuple[slice, bool, bool]:
    """Where a new statement goes in a file, and whether there are empty lines above and below it."""
    new, before, after = statements[index], statements[index - 1] if index else None, statements[index + 1 :]
    if before and before.place and (before.section == new.section or not after):
        return slice(before.place.stop, before.place.stop), before.section != new.section, False
    if after and after[0].place:
        return slice(after[0].place.start, after[0].place.start), False, after[0].section != new.section
    docstring = body[0].end_lineno if body and isinstance(body[0], ast.Expr) else None
    return slice(docstring or 0, docstring or 0), bool(docstring), not docstring


def _by_name(one: Import) -> tuple[bool, bool, str]:
    """As isort and ruff do: constants, classes, the rest."""
    return not one.imported.isupper(), not one.imported[:1].isupper(), one.imported


def _is_path(one: Import) -> bool:
    """Whether it binds a package for the sake of a module in it: ``import django.db.models.deletion``."""
    return not one.imported and not one.alias and "." in one.module


def _wanted(paths: Collection[str], code: str) -> Iterator[str]:
    """Which of these modules code uses; all of a package if it is not plain."""
    for root in {path.partition(".")[0] for path in paths}:
        own = [path for path in paths if path.partition(".")[0] == root]
        for use in set(re.findall(rf"(?<![\w.]){re.escape(root)}(?:\s*\.\s*\w+)*", code)):
            use = re.sub(r"\s", "", use)
            found = [path for path in own if f"{use}.".startswith(f"{path}.")]
            yield from found or own
