"""The report as JSON: `migsafe.model.Report` as it is (docs/json.md)."""

import msgspec

from migsafe.model import Report


def render(report: Report) -> str:
    """Encode a report; two spaces of indentation, a final newline, and the same text for the same report."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
