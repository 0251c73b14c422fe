"""SARIF 2.1.0, for code scanning.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html, and what GitHub takes of it:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

from typing import Any
from urllib.parse import quote

from migsafe.model import Described, Finding, Report, Severity, Suppressed
from migsafe.report import markdown, markup
from migsafe.report.inert import clean
from migsafe.report.json import encode
from migsafe.report.sentences import observed
from migsafe.rules import SECTIONS

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOMEPAGE = "https://github.com/migsafe/django-migsafe"
ROOT = "%SRCROOT%"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> str:
    rules = {rule.code: number for number, rule in enumerate(report.rules)}
    results = [_result(report, one, rules) | {"suppressions": []} for one in report.findings]
    results += [
        _result(report, one.finding, rules) | {"suppressions": [_suppression(one)]} for one in report.suppressed
    ]
    driver = {
        "name": "migsafe",
        "version": report.migsafe,
        "informationUri": HOMEPAGE,
        "rules": [_rule(rule) for rule in report.rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "exitCode": report.exit_code}],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Described) -> dict[str, Any]:
    sections = zip(SECTIONS, (rule.catches, rule.why, rule.instead), strict=True)
    documentation = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.catches},
        "help": {"text": documentation, "markdown": documentation},
        **({"helpUri": rule.docs} if rule.docs else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.axis.value]},
    }


def _result(report: Report, finding: Finding, rules: dict[str, int]) -> dict[str, Any]:
    formatted = (
        markup.escaped(finding.message),
        *markdown.observed(finding),
        markup.prose(finding.why),
        markup.fix(finding.fix),
    )
    plain = (f"{finding.message}.", *observed(finding), finding.why)
    message = {"text": _plain("\n\n".join(plain)), "markdown": _message("\n\n".join(formatted))}
    return {
        "ruleId": finding.code,
        **({"ruleIndex": rules[finding.code]} if finding.code in rules else {}),
        "level": LEVELS[finding.severity],
        "message": message,
        "locations": [_location(report, finding)],
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
    }


def _suppression(suppressed: Suppressed) -> dict[str, str]:
    kind = "inSource" if suppressed.by == "comment" else "external"
    return {"kind": kind, "status": "accepted", "justification": clean(suppressed.reason)}


def _location(report: Report, finding: Finding) -> dict[str, Any]:
    path = report.from_root(finding.path)
    uri = quote(path.encode(errors="backslashreplace"))
    artifact = {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": ROOT}
    region = {"region": {"startLine": finding.line}} if finding.line else {}
    return {"physicalLocation": {"artifactLocation": artifact, **region}}


def _plain(text: str) -> str:
    """A plain text message, of paragraphs; what would be a link or a placeholder in it is none."""
    return _message(clean(text).replace("](", "] ("))


def _message(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
