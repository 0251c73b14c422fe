"""The report as JSON: `migsafe.model.Report` or `migsafe.model.SqlReport` as it is (docs/json.md)."""

import msgspec

from migsafe.model import Report, SqlReport


def render(report: Report | SqlReport) -> str:
    """Encode a report; two spaces of indentation, a final newline, and the same text for the same report."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
