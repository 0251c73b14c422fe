"""What ``migsafe accept`` writes into the ledger."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from migsafe.applied import Acceptance, Fingerprint, Key
from migsafe.config import Config, did_you_mean
from migsafe.errors import ConfigError, InputError, UnknownTargetError
from migsafe.history.inquiry import Inquiry
from migsafe.history.ledger import Entry, render
from migsafe.history.meaning import Unreadable, meaning
from migsafe.history.recording import current, made, now, open_ledger
from migsafe.project.graph import History
from migsafe.project.replay import Replay


class Accepted(NamedTuple):
    """What a ledger becomes.

    Attributes:
        text: What it has to say now.
    """

    path: Path
    text: str
    key: Key
    acceptance: Acceptance


def accept(history: History, config: Config, app: str, name: str, reason: str, *, postgres: int) -> Accepted:
    """Work out the ledger with what a migration has become as accepted; once more with another reason is possible.

    Args:
        name: Of the migration, or its beginning; also of one whose file is gone.
        postgres: Major version of the target server.

    Raises:
        ConfigError: There is no reason.
        UnknownTargetError: There is no such migration, or more than one.
        InputError: The ledger is broken; the migration is applied nowhere, is what it was, or what it was or is cannot
            be read.
        GitError: The ref cannot be compared with.
    """
    if not reason.strip():
        raise ConfigError("--reason is empty", "Say why the edit does no harm: reports show it.")
    ledger = open_ledger(config, history.project.root)
    if app not in history.project.apps:
        history.app(app)  # says what there is
    if not ledger.entries and not config.reference:
        raise InputError(
            f"nothing says what is applied: {ledger.path} does not exist, and no git ref is named",
            "Name one with --applied-ref, or write the ledger with migsafe record.",
        )
    inquiry = Inquiry(
        history,
        replace(config, ledger=ledger.path if ledger.entries else None),
        apps={app},
        postgres=postgres,
        thorough=True,
        shown=str,
    )
    key = app, _named(app, name, {one for label, one in {*inquiry.applied, *inquiry.files} if label == app})
    if key not in inquiry.applied:
        raise InputError(
            f"{'.'.join(key)} is not applied, according to {inquiry.past().where(('git', 'ledger'))}",
            "What is not applied can be edited. If it is: migsafe record writes that down.",
        )
    for replayed in Replay(history.project, history, postgres, wanted={key} & inquiry.recorded.keys() & inquiry.wanted):
        inquiry.see(replayed)
    accepted = _accepted(inquiry, key) if key in inquiry.files else None
    past = inquiry.past()
    changed = {one.key for one in past.edits} | {one.key for one in past.unread}
    if accepted and key not in changed:
        raise InputError(f"{'.'.join(key)} is what it was when it was applied", "There is nothing to accept.")
    entry = ledger.entries.get(key) or _entry(inquiry, key, accepted)
    acceptance = Acceptance(reason=reason.strip(), date=now(), fingerprint=accepted)
    entries = {**ledger.entries, key: replace(entry, accepted=acceptance)}
    return Accepted(ledger.path, render(entries.values()), key, acceptance)


def _named(app: str, name: str, names: Collection[str]) -> str:
    found = [name] if name in names else sorted(one for one in names if one.startswith(name))
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownTargetError(f"{name!r} is ambiguous in app {app}: {', '.join(found)}", "Write more of the name.")
    raise UnknownTargetError(
        f"app {app} has, and had, no migration {name!r}", f"Check the name{did_you_mean(name, names)}."
    )


def _accepted(inquiry: Inquiry, key: Key) -> Fingerprint:
    try:
        return current(inquiry.history, key, inquiry.disk)
    except Unreadable as error:
        raise InputError(
            f"there is no source of {'.'.join(key)} that can be read, only {inquiry.files[key].name}",
            "Put its .py file there: what that says is what is accepted.",
        ) from error


def _entry(inquiry: Inquiry, key: Key, accepted: Fingerprint | None) -> Entry:
    """A line for what only git knows."""
    was = next((one.was for one in inquiry.candidates if one.key == key), accepted)
    if was is None:
        assert inquiry.reference is not None
        try:
            packages = inquiry.history.packages(key[0])
            was = meaning(inquiry.reference.tree, Path(inquiry.paths[key]), packages).fingerprint
        except Unreadable as error:
            raise InputError(
                f"what {'.'.join(key)} was at {inquiry.reference.ref} cannot be read: {error.reason}",
                "migsafe record, at a commit that has it as it was applied, writes that down.",
            ) from error
    return made(inquiry.history, key, inquiry.applied[key].get("git") or now(), was)
