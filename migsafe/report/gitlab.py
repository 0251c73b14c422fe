"""GitLab's Code Quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from msgspec.structs import replace

from migsafe.model import Finding, Report, Severity, Suppressed
from migsafe.report.inert import clean, one_line
from migsafe.report.json import encode
from migsafe.report.sentences import is_answered_for, observed

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(report: Report) -> str:
    accepted = [_accepted(report, one) for one in report.suppressed if is_answered_for(one)]
    return encode([_issue(report, finding) for finding in report.findings] + accepted)


def _accepted(report: Report, suppressed: Suppressed) -> dict[str, object]:
    finding = replace(suppressed.finding, severity=Severity.INFO)
    return _issue(report, finding) | {
        "description": one_line(f"{finding.code}: {finding.message} ({suppressed.by}: {suppressed.reason})")
    }


def _issue(report: Report, finding: Finding) -> dict[str, object]:
    return {
        "description": one_line(f"{finding.code}: {finding.message}"),
        "check_name": finding.name,
        "fingerprint": finding.fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": one_line(report.from_root(finding.path)), "lines": {"begin": finding.line or 1}},
        "content": {
            "body": clean("\n\n".join(filter(None, (*observed(finding), finding.why, finding.fix, finding.docs))))
        },
    }
