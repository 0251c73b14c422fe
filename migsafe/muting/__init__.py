"""What the team has accepted: which findings are not reported, for what reason, and where that has come apart."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from migsafe.config import did_you_mean
from migsafe.model import Finding, Migration, Severity, Suppressed, numbered
from migsafe.project.graph import Key
from migsafe.project.suppressions import Suppression
from migsafe.rules import all_rules, invalid_suppression, unused_suppression

UNSUPPRESSABLE = frozenset(rule.code for rule in all_rules() if not rule.suppressable)
"""Codes of findings about suppressions, and of rules that fail: whoever wants none of these ignores the rule."""


class Muted(msgspec.Struct, frozen=True):
    """Findings in order, and those among them that are accepted."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]

    def rated(self, severity: Mapping[str, Severity]) -> "Muted":
        """With the severities that the configuration gives rules: the last word, whatever sizes of tables say."""
        return Muted(
            tuple(rated(one, severity) for one in self.findings),
            tuple(replace(one, finding=rated(one.finding, severity)) for one in self.suppressed),
        )


def rated(finding: Finding, severity: Mapping[str, Severity]) -> Finding:
    """A finding with the severity that the configuration gives its rule, if it does."""
    return replace(finding, severity=severity.get(finding.code, finding.severity))


def mute(
    findings: Sequence[Finding],
    migrations: Sequence[Migration],
    suppressions: Mapping[Key, Sequence[Suppression]],
    ignores: Mapping[Key, Mapping[str, str]],
    *,
    run: Collection[str],
    known: Collection[str],
    file: str | None,
) -> Muted:
    """Take out what comments and the configuration accept; add what is wrong with them.

    Args:
        migrations: Those that were looked at.
        suppressions: Comments, by migration.
        ignores: Reasons by migration and code (``per-migration-ignores``).
        run: Codes of the rules that were run.
        known: Codes of all rules.
        file: Where ``ignores`` is from.
    """
    own: dict[tuple[str | None, str | None], list[Finding]] = {(one.app, one.name): [] for one in migrations}
    kept: list[Finding] = []
    for finding in findings:
        own.get((finding.app, finding.migration), kept).append(finding)
    suppressed: list[Suppressed] = []
    for migration in migrations:
        key = (migration.app, migration.name)
        comments, reasons = suppressions.get(key, ()), ignores.get(key, {})
        used: set[tuple[int | None, str]] = set()
        for finding in own[key]:
            number = next((number for number, one in enumerate(comments) if one.covers(finding)), None)
            if number is not None:
                suppressed.append(Suppressed(finding, comments[number].reason, "comment"))
            elif reason := reasons.get(finding.code):
                suppressed.append(Suppressed(finding, reason, "config"))
            else:
                kept.append(finding)
                continue
            used.add((number, finding.code))
        trouble = [*_invalid(migration, comments, known), *_unused(migration, comments, reasons, used, run, file)]
        count: Counter[str] = Counter()
        for one in trouble:
            if one.code in run:
                count[one.fingerprint] += 1
                kept.append(replace(one, fingerprint=numbered(one.fingerprint, count[one.fingerprint])))
    return Muted(tuple(kept), tuple(suppressed))


def _invalid(migration: Migration, comments: Sequence[Suppression], known: Collection[str]) -> Iterator[Finding]:
    for comment in (one for one in comments if not one.shared):
        for problem in _problems(comment, known):
            operation = next(iter(comment.operations), None)
            right = [code for code in comment.codes if code in known and code not in UNSUPPRESSABLE]
            yield invalid_suppression.finding(problem, right, migration, operation, comment.line)


def _problems(comment: Suppression, known: Collection[str]) -> Iterator[str]:
    if not comment.codes:
        yield "it is not of the form ignore[CODE]: reason"
    elif not comment.reason:
        yield "it gives no reason"
    for code in comment.codes:
        if code in UNSUPPRESSABLE:
            yield f"{code} cannot be ignored"
        elif code not in known:
            begins = any(one.startswith(code) for one in known)
            yield (
                f"{code} is only the beginning of codes"
                if begins
                else f"there is no rule {code!r}{did_you_mean(code, known)}"
            )


def _unused(
    migration: Migration,
    comments: Sequence[Suppression],
    reasons: Mapping[str, str],
    used: Collection[tuple[int | None, str]],
    run: Collection[str],
    file: str | None,
) -> Iterator[Finding]:
    for number, comment in enumerate(comments):
        for code in dict.fromkeys(comment.codes) if comment.reason and not comment.shared else ():
            if code in run and code not in UNSUPPRESSABLE and (number, code) not in used:
                operation = next(iter(comment.operations), None)
                yield unused_suppression.in_comment(code, migration, operation, comment.line)
    for code in reasons:
        if code in run and (None, code) not in used:
            yield unused_suppression.in_config(code, migration, file)
