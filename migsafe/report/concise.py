"""One line per finding: ``path:line: CODE severity message``, for editors, grep and logs."""

from msgspec.structs import replace

from migsafe.model import Finding, Report, Severity, Suppressed
from migsafe.report.inert import one_line, without_commands
from migsafe.report.sentences import is_answered_for


def render(report: Report) -> str:
    """Render a report; line 1 stands for a whole file, ``.`` for the whole project."""
    lines = (*map(line, report.findings), *map(accepted, filter(is_answered_for, report.suppressed)))
    return without_commands("".join(f"{one}\n" for one in lines))


def line(finding: Finding) -> str:
    where = f"{finding.path or '.'}:{finding.line or 1}"
    return one_line(f"{where}: {finding.code} {finding.severity} {finding.message}")


def accepted(suppressed: Suppressed) -> str:
    """What somebody answers for: no more than an info, whatever it would be else."""
    finding = replace(suppressed.finding, severity=Severity.INFO)
    return f"{line(finding)} ({suppressed.by}: {one_line(suppressed.reason)})"
