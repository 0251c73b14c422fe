"""JUnit XML: a test case per migration that is looked at or has findings; it fails if one of these fails the run.

A test case has one ``failure`` at most, since some readers take no more.
"""

from collections.abc import Iterable
from itertools import chain
from xml.etree import ElementTree as ET

import msgspec

from migsafe.model import Finding, Report, Severity, Suppressed
from migsafe.report import concise, gate, history, verdicts
from migsafe.report.inert import clean, one_line, without_commands
from migsafe.report.sentences import is_answered_for, observed

PROJECT = "project"
"""Name of the test case for what is about no migration."""


def render(report: Report) -> str:
    tested: dict[tuple[str, str], _Case] = {(one.app, one.name): _Case() for one in report.migrations}
    atomic = {(one.app, one.name): one.atomic for one in report.migrations}
    tested |= {key: _Case(proven=history.line(row)) for key, row in history.rows(report).items()}
    project = _Case(proven="; ".join(gate.notes(report)))
    for migration in gate.pending(report).values():
        tested[migration.key] = _Case(proven=gate.line(report, migration))

    def case_of(finding: Finding) -> _Case:
        key = (finding.app or "", finding.migration or "")
        return tested.setdefault(key, _Case()) if all(key) else project

    for finding in report.findings:
        case = case_of(finding)
        (case.failing if report.fails(finding) else case.noted).append(finding)
    for key, verification in verdicts.proofs(report).items():
        tested[key].proven = " · ".join(verdicts.line(verification, atomic=atomic[key]))
    for suppressed in report.suppressed:
        case_of(suppressed.finding).suppressed.append(suppressed)
    suites: dict[str, list[ET.Element]] = {}
    for (app, name), case in tested.items():
        suites.setdefault(app, []).append(_element(case, app, name))
    if any(msgspec.structs.astuple(project)):
        suites.setdefault(PROJECT, []).append(_element(project, PROJECT, PROJECT))
    root = ET.Element("testsuites", {"name": "migsafe", **_counts(chain(*suites.values()))})
    for app, cases in suites.items():
        ET.SubElement(root, "testsuite", {"name": one_line(app), **_counts(cases)}).extend(cases)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{without_commands(text, colon="&#58;", number_sign="&#35;")}\n'


class _Case(msgspec.Struct):
    proven: str = ""
    failing: list[Finding] = []
    noted: list[Finding] = []
    suppressed: list[Suppressed] = []


def _element(case: _Case, app: str, name: str) -> ET.Element:
    element = ET.Element("testcase", classname=one_line(app), name=one_line(name))
    if case.failing:
        worst, *others = sorted(case.failing, key=lambda one: list(Severity).index(one.severity))
        message = f"{worst.code} {worst.message}" + (f" (and {len(others)} more)" if others else "")
        failure = ET.SubElement(element, "failure", type=worst.severity.value, message=one_line(message))
        failure.text = "\n\n".join(map(_told, (worst, *others)))
    notes = [one_line(case.proven)] * bool(case.proven) + [concise.line(one) for one in case.noted]
    notes += [f"{concise.line(one.finding)} ({_muted(one)}: {one_line(one.reason)})" for one in case.suppressed]
    if notes:
        ET.SubElement(element, "system-out").text = "\n".join(notes)
    return element


def _muted(suppressed: Suppressed) -> str:
    return suppressed.by if is_answered_for(suppressed) else "suppressed"


def _told(finding: Finding) -> str:
    parts = (concise.line(finding), *observed(finding), finding.why, finding.fix, finding.docs)
    return "\n".join(clean(part) for part in parts if part)


def _counts(cases: Iterable[ET.Element]) -> dict[str, str]:
    failures = [case.find("failure") is not None for case in cases]
    return {"tests": str(len(failures)), "failures": str(sum(failures)), "errors": "0"}
