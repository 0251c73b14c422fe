"""One safe sequence per file; what is in this folder is tried, in the order of names."""

import importlib
import pkgutil
from functools import cache

from migsafe.plan.recipe import Recipe


@cache
def all_recipes() -> tuple[Recipe, ...]:
    """Every recipe, by name."""
    names = sorted(name for _, name, _ in pkgutil.iter_modules(__path__) if not name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}").recipe for name in names)
