"""A migration that the database has recorded and that is nowhere else.

## What it catches
A row of ``django_migrations`` without a migration in the code, of which neither git nor the ledger knows that there
was one (that is MS702). What was left behind by a squash, and rows of apps that are no longer installed, are told once
for each app, as an info.

## Why it hurts
Somebody has migrated this database with code that is not here: a branch that was never merged, or a file that was
deleted. What it did is still in the schema, and no other database has it.

## Do this instead
Find the migration and put it into the code, or undo what it did and have Django forget its row
(``python manage.py migrate APP --prune``).
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator

from migsafe.applied import Key
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import applied, gone_with_squash, named
from migsafe.rules._evidence import some
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS706",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{places} has recorded {what}",
    why="{consequence}",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    squashed: defaultdict[str, list[Key]] = defaultdict(list)
    foreign: defaultdict[str, list[Key]] = defaultdict(list)
    replaced = {key for node in context.graph.nodes.values() for key in node.replaces}
    known = {*context.graph.nodes, *context.past.renamed, *replaced}
    for key, sources in sorted(context.past.applied.items()):
        app = key[0]
        if sources.keys() != {"database"} or key in known:
            continue
        if app not in context.graph.installed:
            foreign[app].append(key)
        elif app not in context.apps:
            continue
        elif gone_with_squash(context, key):
            squashed[app].append(key)
        else:
            yield _missing(context, key)
    for app, keys in squashed.items():
        yield _squashed(context, app, keys)
    if context.apps >= {node.app for node in context.graph.nodes.values() if node.own}:
        for app, keys in foreign.items():
            yield _foreign(context, app, keys)


def _missing(context: HistoryContext, key: Key) -> Finding:
    return rule.in_history(
        context,
        key,
        places=context.past.where(["database"]),
        what=f"{named(key)}, of which there is no file",
        consequence="It was migrated with code that is not here. Django passes over the row; what the migration did is"
        " in this database and in no other.",
        evidence=applied(context.past, key, ["database"]),
        fix=steps(
            "Find the file, on the branch that this database was migrated from:",
            shell(f"git log --all --oneline -- {shlex.quote(f'*/{key[1]}.py')}"),
            "If it is not to come back, undo what it did, and have Django forget it:",
            shell(f"python manage.py migrate {key[0]} --prune"),
        ),
    )


def _squashed(context: HistoryContext, app: str, keys: list[Key]) -> Finding:
    return rule.in_history(
        context,
        app,
        about="squashed",
        severity=Severity.INFO,
        places=context.past.where(["database"]),
        what=f"what a squash of app {app} has taken the place of: {_number(keys)}",
        consequence="Nobody needs these rows any more; they do no harm.",
        evidence=[_names(keys)],
        fix=steps("Have Django forget them:", shell(f"python manage.py migrate {app} --prune")),
    )


def _foreign(context: HistoryContext, app: str, keys: list[Key]) -> Finding:
    return rule.in_history(
        context,
        app,
        about="not installed",
        severity=Severity.INFO,
        places=context.past.where(["database"]),
        what=f"{_number(keys)} of app {app}, which is not installed",
        consequence="The app was taken out of INSTALLED_APPS, and its tables may still be there. If it comes back,"
        " Django takes these migrations as applied.",
        evidence=[_names(keys)],
        fix="Nothing has to be done, as long as the app does not come back. To be rid of it, install it once more, run"
        f" `python manage.py migrate {app} zero`, and take it out again.",
    )


def _number(keys: list[Key]) -> str:
    return "1 migration" if len(keys) == 1 else f"{len(keys)} migrations"


def _names(keys: list[Key]) -> Evidence:
    return Evidence("recorded", "\n".join(some([named(key) for key in keys])))
