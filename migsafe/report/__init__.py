"""One renderer per format: `Report` → str. A format's module has its name, and a function ``render``."""

import importlib

from migsafe.config import Format
from migsafe.model import Report


def render(report: Report, format_: Format) -> str:
    """Render a report for a file or a pipe; it ends with a newline unless it is empty."""
    text: str = importlib.import_module(f"{__name__}.{format_}").render(report)
    return text
