"""What migsafe says of a pull or merge request: one comment, made from JSON reports alone.

What the reports say may be anybody's: no text in them is markup, a reference or a command to GitHub or GitLab.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal
from urllib.parse import quote

from migsafe.model import Finding, Migration, Report, Severity
from migsafe.planning import PlanReport
from migsafe.report import plan, plan_markdown, reading, verdicts
from migsafe.report.fitting import Form, Part, Rank, fit, left_out
from migsafe.report.impact import impact
from migsafe.report.inert import without_commands
from migsafe.report.markdown import about, accepted, code, told
from migsafe.report.markup import escaped, folded, link, shortened
from migsafe.report.page import count, listed
from migsafe.report.sentences import in_ledger, summary
from migsafe.verification import Order, Verification, VerifyReport

Flavour = Literal["github", "gitlab"]
Key = tuple[str, str]
"""App label and name of a migration."""

LIMIT = 60_000
"""Characters: GitHub takes 65,536 in a comment."""

BLOCK = 3_000
"""Characters of one statement, diff or paragraph."""

LINE = 400
"""Characters of a message, a cell or a title."""

NOTE = 600
"""Characters for what is said to be left out."""

MOST_PLANS = 3
"""How many plans the verdict names."""

SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}
ORDERS: Mapping[Order, str] = {"neither": "none works", "not verified": "not tried"}
"""What is said otherwise below a head than in a sentence."""

RUN = {"github": "Workflow run", "gitlab": "Job"}

SHARES = {
    Rank.ERRORS: 0.35,
    Rank.ROWS_WITH_ERRORS: 0.15,
    Rank.WARNINGS: 0.2,
    Rank.ROWS_WITH_WARNINGS: 0.1,
    Rank.INFOS: 0.1,
    Rank.ROWS: 0.1,
}
"""How much of the room each may have: what is said of thousands of findings leaves some for what they mean."""

_RANKS = {
    Severity.ERROR: (Rank.ERRORS, Rank.ERRORS_EXPLAINED, Rank.SQL_OF_ERRORS, Rank.ROWS_WITH_ERRORS),
    Severity.WARNING: (Rank.WARNINGS, Rank.WARNINGS_EXPLAINED, Rank.SQL_OF_WARNINGS, Rank.ROWS_WITH_WARNINGS),
    Severity.INFO: (Rank.INFOS, Rank.INFOS_EXPLAINED, Rank.SQL_OF_INFOS, Rank.ROWS),
}


def marker(project: str) -> str:
    """The first line of the comment about a project, which nobody sees."""
    name = quote(project, errors="backslashreplace").replace("--", "-%2D")
    if len(name) > LINE:
        name = f"{name[:100]}~{hashlib.sha256(name.encode()).hexdigest()}"
    return f"<!-- migsafe:{name} -->"


def is_about(body: str, project: str) -> bool:
    """Whether a comment is the one about a project; further down, a marker is a quotation or somebody's SQL."""
    return body.lstrip().partition("\n")[0].rstrip() == marker(project)


def is_clean(reports: Sequence[Report]) -> bool:
    """Whether all is well: nothing was found, nothing is left to do, and nothing could not be looked at."""
    return not any(
        report.findings
        or report.exit_code
        or any(map(in_ledger, report.suppressed))
        or any(one.kind != "opaque" for one in report.unanalysed)
        or _untried(report)
        or _signals(report)
        or (isinstance(report, PlanReport) and not plan.is_done(report))
        for report in reports
    )


def render(reports: Sequence[Report], *, project: str, run: str | None, flavour: Flavour, limit: int = LIMIT) -> str:
    """Write the comment.

    Args:
        reports: Of one project, at least one; what several say is told once.
        project: What the comment is keyed by, so that there may be several.
        run: Address of the run that has made the reports.
        limit: Characters; a few thousand are needed for what is never left out.
    """
    if not reports:
        raise ValueError("a comment is about one report at least")
    name = f" {escaped(shortened(project, LINE // 4))}" if project else ""
    where = link(RUN[flavour], run) if run and len(run) < 4 * LINE else ""
    said = [escaped(shortened("".join(words for words, _ in summary(one)), LINE)) for one in reports]
    if is_clean(reports):
        line = " · ".join([f"✅ **migsafe**{name}: {'; '.join(said)}", *filter(None, [where])])
        return f"{marker(project)}\n{without_commands(line)}\n"
    told = _Told(reports)
    start = f"{marker(project)}\n## migsafe{name and ':'}{name}\n\n{told.verdict()}\n"
    by = escaped(shortened(f"migsafe {', '.join(sorted({one.migsafe for one in reports}))}", LINE // 4))
    summaries = (f"- {reading.command(one)}: {words}\n" for one, words in zip(reports, said, strict=True))
    end = without_commands(f"{''.join(summaries)}\n{' · '.join(filter(None, (where, by)))}\n")
    sections = [one for one in told.sections() if one.parts]
    parts = [part for section in sections for part in section.parts]
    room = limit - len(start) - len(end) - NOTE - sum(len(one.begin) + 1 for one in sections)
    fit(parts, room, SHARES)
    texts = [f"{one.begin}{body}" for one in sections if (body := one.body())]
    if missing := ", ".join(left_out(parts)):
        texts.append(f"**Left out for want of room:** {missing}. The JSON reports have it all.\n")
    return "\n".join([start, *texts, end])


def with_ticks(comment: str, before: str) -> str:
    """The comment, with those boxes ticked that people have ticked in the one before.

    Args:
        before: As the server has it.
    """
    ticked = {box for box, _, is_ticked in _boxes(before) if is_ticked}
    lines = comment.split("\n")
    for box, number, _ in _boxes(comment):
        if box in ticked:
            lines[number] = f"- [x]{lines[number][5:]}"
    return "\n".join(lines)


def _boxes(comment: str) -> Iterator[tuple[tuple[str, str, str, int], int, bool]]:
    """Items of checklists: plan, deploy, text, and how many like it there are before; line; whether it is ticked."""
    plan_ = deploy = ""
    seen: Counter[tuple[str, str, str]] = Counter()
    for number, line in enumerate(comment.replace("\r\n", "\n").split("\n")):
        if line.startswith("## "):
            plan_, deploy = line, ""
        elif line.startswith("### "):
            deploy = line
        elif found := re.match(r"- \[([ xX])\] ", line):
            item = (plan_, deploy, line[found.end() :])
            yield (*item, seen[item]), number, found[1] != " "
            seen[item] += 1


def _untried(report: Report) -> list[str]:
    """Migrations that verify could not try."""
    if not isinstance(report, VerifyReport):
        return []
    untried = (one for one in report.verifications if one.verdict == "not verified")
    return [*(f"{one.app}.{one.migration}" for one in untried), *report.unreached]


def _signals(report: Report) -> Mapping[str, str]:
    """Handlers of signals that have failed when verify sent them, each with the error."""
    return report.signals if isinstance(report, VerifyReport) else {}


@dataclass(frozen=True)
class _Section:
    """Parts of the comment that stand below each other, and what stands around them if one of them is shown."""

    parts: Sequence[Part]
    begin: str = ""

    def body(self) -> str:
        return "".join(f"{part.text}\n" for part in self.parts if part.shown)


class _Told:
    """What several reports say together.

    Args:
        reports: They may be about other migrations each.
    """

    def __init__(self, reports: Sequence[Report]) -> None:
        self.reports = reports
        self.plans = [one for one in reports if isinstance(one, PlanReport)]
        self.verified = any(isinstance(one, VerifyReport) for one in reports)
        self.verifications = dict(chain.from_iterable(verdicts.proofs(one).items() for one in reports))
        self.signals = {handler: error for one in reports for handler, error in _signals(one).items()}
        self.unreached = {name for one in reports if isinstance(one, VerifyReport) for name in one.unreached}
        # What lint says counts: a plan has the same, less what it was told to leave out.
        self.sources = sorted(reports, key=lambda one: reading.COMMANDS.index(reading.command(one)))
        self.migrations: dict[Key, Migration] = {}
        for migration in chain.from_iterable(source.migrations for source in self.sources):
            self.migrations.setdefault((migration.app, migration.name), migration)
        self.findings = sorted(self._findings(), key=lambda one: list(Severity).index(one.severity))
        self.worst: dict[Key | None, Severity] = {}
        self.known: defaultdict[Key | None, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            self.worst.setdefault(_key(finding), finding.severity)
            self.known[_key(finding)].append(finding)
        self.suppressed = dict.fromkeys(chain.from_iterable(report.suppressed for report in reports))
        for one in self.suppressed:
            self.known[_key(one.finding)].append(one.finding)
        unknown = [one for report in reports for one in report.unanalysed if one.kind != "opaque"]
        self.unknown = {(one.app, one.migration, one.operation, one.statement) for one in unknown}
        self.unread = {(one.app, one.migration) for one in unknown if one.kind == "replay"}

    def _findings(self) -> Iterator[Finding]:
        linted: set[Key | None] = set()
        seen = set()
        for source in self.sources:
            for one in source.findings:
                same = (_key(one), one.code, one.fingerprint)
                if same not in seen and not (isinstance(source, PlanReport) and _key(one) in linted):
                    seen.add(same)
                    yield one
            if reading.command(source) == "lint":
                linted |= {(one.app, one.name) for one in source.migrations}

    def verdict(self) -> str:
        """In a line, whether this may go to production."""
        counted = Counter(one.severity for one in self.findings)
        said = []
        if numbers := [count(counted[severity], severity) for severity in Severity if counted[severity]]:
            affected, among = len(self.worst.keys() & self.migrations.keys()), count(len(self.migrations), "migration")
            of = f"{affected} of " if affected < len(self.migrations) else ""
            said.append(f"{listed(numbers)}{f' in {of}{among}' if affected else ''}")
        if untried := len(set(chain.from_iterable(map(_untried, self.reports)))):
            said.append(f"{count(untried, 'migration')} not tried")
        if self.signals:
            said.append(f"{count(len(self.signals), 'signal handler')} failed")
        if self.unknown:
            said.append(f"{len(self.unknown)} not analysed")
        said += [plan.outcome(one.proof) for one in self.plans if one.proof and not one.proof.holds]
        if counted[Severity.ERROR] or any(one.exit_code for one in self.reports):
            judged = "❌ **Dangerous as it is:**"
        elif counted[Severity.WARNING] or untried or self.signals or self.unknown:
            judged = "⚠️ **To be looked at:**"
        else:
            judged = "✅ **Nothing dangerous:**"
        ways = [
            f"{shortened(plan.title(one.plan), LINE // 4)}: {plan.verdict(one)}."
            for one in self.plans
            if one.plan.targets and not one.plan.is_safe
        ]
        more = f" And {len(ways) - MOST_PLANS} more plans." if len(ways) > MOST_PLANS else ""
        end = f"{escaped(' '.join(ways[:MOST_PLANS]))}{more}"
        return " ".join(filter(None, (judged, f"{escaped('; '.join(said) or 'see below')}.", end)))

    def sections(self) -> "Iterator[_Section]":
        """All but the beginning and the end."""
        heads = ["", "migration", "lock", "blocks", "estimate", "reversible", *["order of deploy"] * self.verified]
        rows = [self._row(key, one) for key, one in self.migrations.items()]
        yield _Section(rows, f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
        yield _Section([self._finding(one) for one in self.findings], "### Findings\n\n")
        handlers = [
            Part.of(Rank.WARNINGS, "signal handlers", f"- ⚠️ {escaped(shortened(one, LINE))}")
            for one in map(": ".join, self.signals.items())
        ]
        yield _Section(handlers, "### Signal handlers that failed\n\n")
        edits = [
            Part.of(Rank.INFOS, "accepted in the ledger", accepted(one)) for one in self.suppressed if in_ledger(one)
        ]
        yield _Section(edits, "### Accepted in the ledger\n\n")
        for report in self.plans:
            if not plan.is_done(report):
                yield _Section(list(plan_markdown.parts(report, most=BLOCK)))
            elif report.plan.targets:
                yield _Section([Part.of(Rank.PLANS, "plans", f"✅ {escaped(plan.safe(report.plan))}.\n")])

    def _row(self, key: Key, migration: Migration) -> Part:
        worst = self.worst.get(key)
        return Part(
            [Form(_RANKS[worst or Severity.INFO][-1], "rows of the table", lambda: self._cells(key, migration))]
        )

    def _cells(self, key: Key, migration: Migration) -> str:
        name = ".".join(key)
        proof = self.verifications.get(key)
        is_read = key not in self.unread and (bool(migration.operations) or name not in self.unreached)
        does = impact(migration, self.known[key], proof.forward if proof else None, is_read=is_read)
        sign = SIGNS[self.worst[key]] if key in self.worst else "✅" if does.is_known else "❔"
        cells = [sign, name, does.lock, does.blocks, does.estimate, *self._proven(name, migration, proof)]
        return f"| {' | '.join(escaped(shortened(cell, LINE)) for cell in cells)} |"

    def _proven(self, name: str, migration: Migration, proof: Verification | None) -> Iterator[str]:
        """Whether it can be undone, and which order of deploy works."""
        if proof:
            yield verdicts.verdict(proof)
            yield ORDERS.get(proof.rollout.order, proof.rollout.order)
            return
        reversible = all(operation.reversible for operation in migration.operations)
        yield "not reached" if name in self.unreached else "yes, not tried" if reversible else "no"
        if self.verified:
            yield ORDERS["not verified"]

    def _finding(self, finding: Finding) -> Part:
        line, explained, with_sql, _ = _RANKS[finding.severity]
        of = self.migrations.get(_key(finding) or ("", ""))
        operation = next((one for one in of.operations if one.index == finding.operation), None) if of else None
        has_sql = any(one.kind != "prose" for one in finding.evidence) or finding.statement is not None
        said = (about(finding), shortened(finding.message, LINE))
        what = escaped(": ".join(filter(None, said)))

        def fold(*, sql: bool) -> str:
            title = f"{SIGNS[finding.severity]} {escaped(finding.code)} {what}"
            return folded(title, "\n\n".join(told(finding, operation, sql=sql, most=BLOCK)))

        forms = [
            Form(line, f"{finding.severity}s", lambda: f"- {SIGNS[finding.severity]} {code(finding)} {what}"),
            Form(explained, "explanations", lambda: fold(sql=False)),
        ]
        return Part([*forms, Form(with_sql, "SQL", lambda: fold(sql=True))] if has_sql else forms)


def _key(finding: Finding) -> Key | None:
    return (finding.app, finding.migration) if finding.app and finding.migration else None
