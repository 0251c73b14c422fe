"""A migration that was edited after it had been applied.

## What it catches
A migration that git or the ledger says is applied, and that is now something else than it was. An edit is *real* when
something else is executed (an error), *state only* when the SQL is the same, but not what Django is told (a warning:
``help_text``, ``choices``, the way back), and *cosmetic* when it is only written otherwise (an info).

## Why it hurts
Django knows applied migrations by their names and never looks into them again. Databases that have applied it keep
what it did then; new ones (of tests, of the next developer, of a restored backup) get what it does now. From then on,
what is tested is not what is in production.

## Do this instead
Put the file back as it was, and make the change in a new migration. If it is deliberate, accept it:
``migsafe accept APP MIGRATION --reason "…"``.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator

from migsafe.applied import SOURCES, Edit, EditKind, Key, Meaning, Past, Source
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import accept, applied, named, new_migration, restore
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS701",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{it} is applied ({places}) and was edited: {what}",
    why="{consequence}",
)

SEVERITIES: dict[EditKind, Severity] = {
    "real": Severity.ERROR,
    "state": Severity.WARNING,
    "cosmetic": Severity.INFO,
}
"""The worst first."""
WORST = list(SEVERITIES)

WHAT: dict[EditKind, str] = {
    "real": "it executes something else now",
    "state": "it executes the same, but says something else to Django",
    "cosmetic": "it does the same, only written otherwise",
}
CONSEQUENCES: dict[EditKind, str] = {
    "real": "Django does not run an applied migration again: databases that have it keep what it did then, new ones get"
    " what it does now, and tests no longer run on what production has.",
    "state": "Databases stay alike. But Django compares models with what migrations say: what is different in this one"
    " can bring up changes in `makemigrations`, hide them, or change how it is unapplied.",
    "cosmetic": "Nothing: databases that have it and new ones are the same.",
}
BY_HAND = ("RunPython", "RunSQL", "SeparateDatabaseAndState")
"""Operations that ``makemigrations`` does not write."""


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    edits: defaultdict[Key, list[Edit]] = defaultdict(list)
    for edit in context.past.edits:
        # Of one whose dependencies have changed, the text has, too: that is told by MS704.
        if edit.app in context.apps and not (edit.graph and edit.kind == "cosmetic"):
            edits[edit.key].append(edit)
    for key, several in sorted(edits.items()):
        several.sort(key=lambda one: (WORST.index(one.kind), SOURCES.index(one.source)))
        yield _finding(context, key, several)


def _finding(context: HistoryContext, key: Key, edits: list[Edit]) -> Finding:
    kind = edits[0].kind
    sources = [one.source for one in edits if one.kind == kind]
    return rule.in_history(
        context,
        key,
        severity=SEVERITIES[kind],
        it=named(key),
        places=context.past.where(sources),
        what=WHAT[kind],
        consequence=CONSEQUENCES[kind],
        evidence=tuple(_evidence(context.past, key, edits)),
        fix=_nothing(sources) if kind == "cosmetic" else _fix(context, key, edits),
    )


def _nothing(sources: list[Source]) -> str:
    if "ledger" not in sources:
        return "Nothing has to be done."
    return steps(
        "Nothing has to be done. This lets the ledger have all files as they are written now:",
        shell("migsafe record --refresh"),
    )


def _evidence(past: Past, key: Key, edits: list[Edit]) -> Iterator[Evidence]:
    yield from applied(past, key, past.applied.get(key, {}))
    shown = next((one for one in edits if one.operations or one.sql), edits[0])
    if shown.operations:
        yield Evidence("changed", "\n".join(shown.operations), "diff")
    if shown.sql:
        yield Evidence("sql", "\n".join(shown.sql), "diff")
    for reason in dict.fromkeys(one.unknown for one in edits if one.unknown):
        yield Evidence("unknown", reason)
    for one in edits:
        if one.kind != edits[0].kind:
            yield Evidence("but", f"compared with {past.where([one.source])}, {WHAT[one.kind]}")


def _fix(context: HistoryContext, key: Key, edits: list[Edit]) -> str:
    by_hand = _by_hand(edits[0])
    parts = [_restore(context, key, edits)]
    if not (by_hand and edits[0].kind == "state"):  # nothing else that runs: it is the way back that has changed
        parts.append(new_migration(key[0], by_hand=by_hand))
    return steps(*parts, accept(key))


def _restore(context: HistoryContext, key: Key, edits: list[Edit]) -> str:
    path = context.graph.nodes[key].path
    edit = next((one for one in edits if one.before), edits[0])
    before, after = edit.before, edit.after
    if before is None or before.fingerprint.text != after.fingerprint.text:
        return restore(context.past, path, [one.source for one in edits if not _has_moved(one)])
    used = [_shown(file, path, after) for file in dict.fromkeys((*before.files[1:], *after.files[1:]))]
    if not used:
        return (
            "Its own file is what it was. What it executes depends on migrations before it, too, and on packages: see"
            " which of these has changed."
        )
    git = ["diff", context.past.ref] if context.past.ref and edit.source == "git" else ["log", "--patch"]
    return steps(
        "Its own file is what it was, but what it uses is not. Put that back, or give the migration a copy of its own:",
        shell(shlex.join(["git", *git, "--", *used])),
    )


def _has_moved(edit: Edit) -> bool:
    return edit.before is not None and edit.before.files[0] != edit.after.files[0]


def _shown(file: str, path: str, meaning: Meaning) -> str:
    """A path as that of the migration is shown."""
    return file.removeprefix(meaning.files[0].removesuffix(path))


def _by_hand(edit: Edit) -> bool | None:
    """Whether the changed operations are such that ``makemigrations`` does not write; None if some of them are."""
    before, after = edit.before, edit.after
    if before is None or before.operations is None or after.operations is None:
        return True if before and before.python != after.python else None
    changed = set(before.operations) ^ set(after.operations)
    by_hand = {operation.partition("(")[0].rpartition(".")[2] in BY_HAND for operation in changed}
    if before.python != after.python:
        by_hand.add(True)
    return by_hand.pop() if len(by_hand) == 1 else None
