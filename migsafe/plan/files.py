"""Migration files of a plan as text: what the original file has, with other operations."""

import ast
import textwrap
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from migsafe.plan.recipe import Piece


class Original:
    """The file of a migration that a plan replaces."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    @cached_property
    def _class(self) -> ast.ClassDef:
        tree = ast.parse(self.text)
        return next(one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "Migration")

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Source of each."""
        for node in self._class.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "dependencies":
                assert isinstance(node.value, ast.List)
                return tuple(ast.unparse(one) for one in node.value.elts)
        return ()

    def migration(self, pieces: Sequence[Piece], *, dependencies: Sequence[str], comment: str) -> str:
        """A file with the operations of some pieces.

        Args:
            pieces: All atomic, or none.
            dependencies: Source of each.
            comment: What it is for: goes above the class.
        """
        head = "".join(self.text.splitlines(keepends=True)[: self._class.lineno - 1]).rstrip()
        imports = "\n".join(dict.fromkeys(line for piece in pieces for line in piece.imports))
        code = "\n\n\n".join(dict.fromkeys(piece.code.strip() for piece in pieces if piece.code))
        lines = [f"dependencies = [{', '.join(dependencies)}]"]
        if not all(piece.atomic for piece in pieces):
            lines.append("atomic = False")
        operations = "".join(textwrap.indent(one, "    ") + ",\n" for piece in pieces for one in piece.operations)
        lines.append(f"operations = [\n{operations}]")
        body = textwrap.indent("\n".join(lines), "    ")
        notes = textwrap.indent("\n".join(textwrap.wrap(comment, 100)), "# ")
        return f"{head}\n{imports}\n\n\n{code}\n\n\n{notes}\nclass Migration(migrations.Migration):\n{body}\n"
