"""Edits of applied migrations that the team has accepted with ``migsafe accept``."""

from collections.abc import Sequence

from migsafe.applied import Past
from migsafe.model import Finding, Suppressed
from migsafe.muting import Muted
from migsafe.rules import (
    applied_dependencies_changed,
    applied_migration_deleted,
    applied_migration_edited,
    applied_migration_renamed,
    not_compared,
)

ACCEPTED = frozenset(
    module.rule.code
    for module in (
        applied_migration_edited,
        applied_migration_deleted,
        applied_migration_renamed,
        applied_dependencies_changed,
        not_compared,
    )
)
"""Codes of what an acceptance is about: that a migration is, or may be, another one now; not what else is wrong."""


def without(findings: Sequence[Finding], past: Past) -> Muted:
    """Take out what the ledger accepts; that of a renamed migration stands under its old name."""
    accepted = past.accepted | {new: past.accepted[old] for old, new in past.renamed.items() if old in past.accepted}
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for one in findings:
        found = accepted.get((one.app or "", one.migration or ""))
        if found and one.code in ACCEPTED:
            reason = f"{found.reason} (accepted on {found.date:%Y-%m-%d})"
            suppressed.append(Suppressed(one, reason, "ledger"))
        else:
            kept.append(one)
    return Muted(tuple(kept), tuple(suppressed))
