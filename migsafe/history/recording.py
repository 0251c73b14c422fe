"""What ``migsafe record`` adds to the ledger."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

import migsafe
from migsafe.applied import Fingerprint, Key
from migsafe.config import Config, ledger_to_write
from migsafe.history.ledger import FORMAT, Entry, Ledger, alike, contradicts, executes_other, read, render, with_sql_of
from migsafe.history.meaning import Disk, Unreadable, meaning
from migsafe.history.version import executed
from migsafe.project.applied import applied_in, read_applied
from migsafe.project.choose import Named, choose
from migsafe.project.graph import History, migration_path
from migsafe.project.operations import ReplayedMigration
from migsafe.project.replay import Replay

Progress = Callable[[Iterator[ReplayedMigration], int], Iterable[ReplayedMigration]]


class Recording(NamedTuple):
    """What a ledger becomes.

    Attributes:
        path: Of the ledger.
        text: What it has to say now.
        total: How many migrations it has then.
        added: Those that it has not had.
        refreshed: Those whose fingerprint was made anew.
        changed: Of these, those that execute something else than it said.
        edited: Those that are something else than it says: their lines stay.
        unreadable: Those that have no line, with the reason.
        pending: Those that were asked for, and are not applied in the database.
    """

    path: Path
    text: str
    total: int
    added: tuple[Key, ...]
    refreshed: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()
    edited: tuple[Key, ...] = ()
    unreadable: Mapping[Key, str] = {}
    pending: tuple[Key, ...] = ()


def open_ledger(config: Config, root: Path) -> Ledger:
    """The ledger that is to be written: the one that is there, or an empty one.

    Raises:
        InputError: It is broken, and must not be overwritten.
    """
    path = ledger_to_write(config, root)
    return read(path) if path.exists() else Ledger(path)


def now() -> datetime:
    """The time as it stands in the ledger."""
    return datetime.now(UTC).replace(microsecond=0)


def current(history: History, key: Key, disk: Disk) -> Fingerprint:
    """What a migration of the code says, without its SQL.

    Raises:
        Unreadable: Its source cannot be had.
    """
    file = migration_path(history.loader.disk_migrations[key])
    return meaning(disk, file, history.packages(key[0])).fingerprint


def made(history: History, key: Key, date: datetime, fingerprint: Fingerprint) -> Entry:
    """A line that this migsafe makes."""
    return Entry(
        app=key[0],
        name=key[1],
        date=date,
        fingerprint=fingerprint,
        django=history.project.django,
        migsafe=migsafe.__version__,
        format=FORMAT,
    )


def record(
    history: History,
    config: Config,
    targets: Sequence[str],
    *,
    postgres: int,
    connect: bool,
    refresh: bool,
    progress: Progress,
) -> Recording:
    """Work out the ledger with what is applied now.

    Args:
        targets: As `choose` takes them.
        postgres: Major version of the server that the SQL is made for.
        connect: Whether to ask the database what is applied; else all of the code is.
        refresh: Whether to make fingerprints anew of migrations that mean the same.
        progress: Wraps the walk over migrations whose SQL is needed.

    Raises:
        MigsafeError: The ledger is broken, a target does not exist, or the database cannot be asked.
    """
    ledger = open_ledger(config, history.project.root)
    wanted = _wanted(history, config, targets)
    dates = dict.fromkeys(wanted, now())
    if connect:
        applied = applied_in(history, read_applied(history.project, "record"))
        dates = {key: applied[key] for key in wanted if key in applied}
    said, unreadable = _read(history, dates)
    known = {key: ledger.entries[key] for key in said if key in ledger.entries}
    added = tuple(key for key in said if key not in known)
    renewed = [key for key, entry in known.items() if refresh and alike(entry.fingerprint, said[key])]
    edited = {key for key, entry in known.items() if not _stands(entry, said[key])}
    sql = _sql(history, {*added, *renewed}, postgres, progress)
    lines = {key: made(history, key, dates[key], replace(said[key], sql=sql.get(key, {}))) for key in said}
    new = {key: _refreshed(known[key], lines[key]) for key in renewed}
    if strange := {key for key in new if contradicts(known[key], new[key])}:
        strange -= _after_others(history, ledger)
        edited |= {key for key in strange if not known[key].accepted}
    refreshed = {key: entry for key, entry in new.items() if key not in strange and entry != known[key]}
    entries = {**ledger.entries, **{key: lines[key] for key in added}, **refreshed}
    return Recording(
        path=ledger.path,
        text=render(entries.values()),
        total=len(entries),
        added=added,
        refreshed=tuple(refreshed),
        changed=tuple(key for key, entry in refreshed.items() if executes_other(known[key], entry)),
        edited=tuple(sorted(edited)),
        unreadable=unreadable,
        pending=tuple(key for key in wanted if key not in dates),
    )


def _refreshed(known: Entry, line: Entry) -> Entry:
    """A line made anew, with what only the old one can say."""
    return with_sql_of(known, replace(line, date=known.date, accepted=known.accepted))


def _after_others(history: History, ledger: Ledger) -> frozenset[Key]:
    """Migrations after ones that the ledger does not have as they are: that may be why they execute something else."""
    if not ledger.entries.keys() <= history.loader.disk_migrations.keys():
        return frozenset(history.order)  # what is gone may have been anywhere
    apps = {app for app, _ in ledger.entries}
    said, _ = _read(history, [key for key in history.order if key[0] in apps])
    known = {key for key, entry in ledger.entries.items() if key in said and alike(entry.fingerprint, said[key])}
    return history.after(key for key in history.order if key[0] in apps and key not in known)


def _wanted(history: History, config: Config, targets: Sequence[str]) -> tuple[Key, ...]:
    """Migrations that are asked for, with those whose files are there though a squash stands for them."""
    everything = replace(config, initial=True, since=None)
    chosen = choose(history, everything, Named({}, {}), targets).keys
    replaced = {key for key in history.loader.disk_migrations if history.replaced.get(key) in chosen}
    return tuple(sorted(chosen | replaced))


def _read(history: History, keys: Iterable[Key]) -> tuple[dict[Key, Fingerprint], dict[Key, str]]:
    """What migrations say, and why some cannot be read."""
    said: dict[Key, Fingerprint] = {}
    unreadable: dict[Key, str] = {}
    disk = Disk()
    for key in keys:
        try:
            said[key] = current(history, key, disk)
        except Unreadable as error:
            unreadable[key] = str(error)
    return said, unreadable


def _sql(history: History, keys: Collection[Key], postgres: int, progress: Progress) -> dict[Key, dict[int, str]]:
    """Fingerprints of what migrations execute, by major version; none of what is not all known, or replaced."""
    wanted = {key for key in keys if key in history.digraph}
    replay = Replay(history.project, history, postgres, wanted=wanted)
    found = {(one.app, one.name): executed(one) for one in progress(iter(replay), len(wanted))}
    return {key: {postgres: one} for key, one in found.items() if one is not None}


def _stands(entry: Entry, said: Fingerprint) -> bool:
    """Whether a migration is still what its line says, or accepts."""
    return alike(entry.fingerprint, said) or (entry.accepted is not None and alike(entry.accepted.fingerprint, said))
