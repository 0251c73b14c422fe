"""Labels of apps, as their source says."""

import ast
from pathlib import Path

from migsafe.history.modules import Tree, Unreadable, module


def app_labels(tree: Tree, package: Path) -> frozenset[str]:
    """Labels that an app may have whose package is in a folder: one, but where it has several configurations.

    An `AppConfig` without a label is called like its package.
    """
    content = tree.read(package / "apps.py")
    try:
        top = module(content, "apps", package / "apps.py").tree.body if content else []
    except Unreadable:
        return frozenset()
    found = {
        value.value
        for config in top
        if isinstance(config, ast.ClassDef)
        for one in config.body
        if isinstance(one, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "label" for to in one.targets)
        if isinstance(value := one.value, ast.Constant) and isinstance(value.value, str)
    }
    return frozenset(found or {package.name})
