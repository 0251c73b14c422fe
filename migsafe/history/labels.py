"""Labels of apps, as their source says."""

import ast
from pathlib import Path

from migsafe.history.modules import Tree, Unreadable, module


def configurations(package: Path) -> tuple[Path, ...]:
    """Where an app may have its configuration, whose package is in a folder."""
    return tuple(package / name for name in ("apps.py", "apps/__init__.py", "__init__.py"))


def app_labels(tree: Tree, package: Path) -> frozenset[str]:
    """Labels that an app may have whose package is in a folder: one, but where it has several configurations.

    An `AppConfig` without a label is called like its package.
    """
    try:
        read = [module(text, "", path) for path in configurations(package) if (text := tree.read(path))]
    except Unreadable:
        return frozenset()
    found = {
        value.value
        for one in read
        for config in one.tree.body
        if isinstance(config, ast.ClassDef)
        for line in config.body
        if isinstance(line, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "label" for to in line.targets)
        if isinstance(value := line.value, ast.Constant) and isinstance(value.value, str)
    }
    return frozenset(found or {package.name})
