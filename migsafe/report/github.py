"""GitHub's workflow commands: annotations on the lines of a pull request.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator

from migsafe.model import Finding, Report, Severity
from migsafe.report import concise, gate
from migsafe.report.inert import clean, one_line, without_commands
from migsafe.report.sentences import is_answered_for, observed, summary

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}

MOST = 10
"""How many annotations of a kind a step may make: GitHub drops the rest without a word."""


def render(report: Report) -> str:
    """Render a report: the worst first, those that find no room as lines of the log, and the summary."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    in_log: list[Finding] = []
    for severity, command in COMMANDS.items():
        findings = [one for one in report.findings if one.severity is severity]
        room = MOST if len(findings) <= MOST else MOST - 1
        yield from (_annotation(report, one) for one in findings[:room])
        if rest := findings[room:]:
            in_log += rest
            yield f"::{command} title=migsafe::{len(rest)} more, listed in the log of this step"
    yield from (without_commands(concise.line(one)) for one in in_log)
    yield from (without_commands(concise.accepted(one)) for one in report.suppressed if is_answered_for(one))
    for migration in gate.pending(report).values():
        yield without_commands(one_line(f"{'.'.join(migration.key)}: {gate.line(report, migration)}"))
    yield from (without_commands(one_line(one)) for one in gate.notes(report))
    yield without_commands("".join(words for words, _ in summary(report)))


def title(finding: Finding) -> str:
    return one_line(f"{finding.code} {finding.name}")


def message(finding: Finding) -> str:
    """What an annotation says: a paragraph for each of the parts of a finding."""
    parts = (one_line(finding.message), *observed(finding), finding.why, finding.fix, finding.docs)
    return clean("\n\n".join(filter(None, parts)))


def _annotation(report: Report, finding: Finding) -> str:
    properties = {"title": title(finding)}
    if finding.path is not None:
        properties |= {"file": report.from_root(finding.path), "line": str(finding.line or 1)}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {written}::{_data(without_commands(message(finding)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(without_commands(one_line(text))).replace(":", "%3A").replace(",", "%2C")
