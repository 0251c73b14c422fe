"""A function that a RunPython calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from migsafe.python.models import HistoricalModels
from migsafe.python.reader import read
from migsafe.python.reading import Reading


@dataclass(frozen=True, eq=False, kw_only=True)
class PythonFunction:
    """A function that a RunPython calls, and what it meets.

    Attributes:
        name: As its module calls it; the method with its class.
        reverse: Whether it is called when the migration is unapplied.
        path: Absolute path of its file; None when there is none, and nothing of it can be read.
        line: 1-based line on which it starts, decorators included.
        apps: Its parameter that gets the historical registry; None when that is not known.
        editor: Its parameter that gets the schema editor.
        signature: Its parameters as Python shows them: ``(apps)``.
        refuses: Why a call with both fails or does nothing; None when it does neither.
        known: What names in its file stand for today, by dotted name as the code writes it: the dotted name of
            something in Django (``django.db.models.expressions.F``), or of a module's own.
        real_models: Names that stand for models as they are today, with their ``app_label.ModelName``.
        models: The historical models.
        several_databases: Whether the project migrates the app's models in more than one database.
    """

    name: str
    reverse: bool = False
    path: str | None = None
    line: int | None = None
    apps: str | None = None
    editor: str | None = None
    signature: str = ""
    refuses: str | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    real_models: Mapping[str, str] = field(default_factory=dict)
    models: HistoricalModels = field(default_factory=lambda: HistoricalModels({}))
    several_databases: bool = False

    @cached_property
    def reading(self) -> Reading:
        """What its code does, as far as that can be read."""
        return read(self)
