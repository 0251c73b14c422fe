"""A migration that is applied under another name.

## What it catches
A file whose content is applied under the name that it had before, and not under its new one; also where its app has got
another label. It is quiet if the new one says that it replaces the old one.

## Why it hurts
Django knows migrations by their names: it takes the new name for a migration that was never applied, and runs it again.
It fails on what is already there ("relation already exists"), or it changes data a second time.

## Do this instead
Give it its old name again (an app: ``label`` of its ``AppConfig``); or let it say ``replaces = [("app", "old_name")]``:
then Django knows that it is applied where the old one is.
"""

import posixpath
import shlex
from collections.abc import Iterator

from migsafe.applied import Key, Past
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import accept, applied, named
from migsafe.rules._fixes import pair, python, shell, steps

rule = Rule(
    __name__,
    code="MS703",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{it} is applied ({places}) as {old}: under its new name it will run again",
    why=(
        "Django knows migrations by their names. Where {old} is applied, the next `migrate` runs {it} again: it"
        " fails on what is already there, or changes data a second time."
    ),
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    past = context.past
    for old, new in sorted(past.renamed.items()):
        node = context.graph.nodes.get(new)
        if node is None or not {old[0], new[0]} & context.apps or old in node.replaces:
            continue
        sources = past.applied.get(old, {}).keys() - past.applied.get(new, {}).keys()
        if not sources:
            continue
        yield rule.in_history(
            context,
            new,
            about=named(old),
            it=named(new),
            old=named(old),
            places=past.where(sources),
            evidence=applied(past, old, sources),
            fix=steps(
                *_old_name(past, old, new, node.path),
                "Or, to keep the new one, let it stand for the old one, as a squash does: where that is applied, Django"
                " takes the new one as applied, too.",
                python("class Migration(migrations.Migration):", f"    replaces = [{pair(old)}]"),
                *([accept(old)] if old[0] == new[0] else []),  # the ledger knows apps that are installed
            ),
        )


def _old_name(past: Past, old: Key, new: Key, path: str) -> tuple[str, str]:
    if old[0] != new[0]:
        return (
            f"Give the app its old label again, `{old[0]}`, whatever its package is called:",
            python("class …(AppConfig):", f'    label = "{old[0]}"'),
        )
    return (
        f"Give the file its old name again, `{old[1]}.py`:",
        shell(f"mv {shlex.quote(path)} {shlex.quote(past.paths.get(old) or _beside(path, old))}"),
    )


def _beside(path: str, old: Key) -> str:
    return posixpath.join(posixpath.dirname(path), f"{old[1]}.py")
