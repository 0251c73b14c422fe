"""One line per finding: ``path:line: CODE severity message``, for editors, grep and logs."""

from migsafe.model import Finding, Report
from migsafe.report.inert import one_line, without_commands


def render(report: Report) -> str:
    """Render a report; line 1 stands for a whole file, ``.`` for the whole project."""
    return without_commands("".join(f"{line(one)}\n" for one in report.findings))


def line(finding: Finding) -> str:
    where = f"{finding.path or '.'}:{finding.line or 1}"
    return one_line(f"{where}: {finding.code} {finding.severity} {finding.message}")
