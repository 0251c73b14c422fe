"""The ledger: what was applied, in a file that the team commits or a deploy keeps. One line a migration, sorted.

Nothing in the file is about the file as a whole, so branches that add migrations of different apps merge by themselves,
and of one app with ``merge=union`` (`ATTRIBUTES`). For what that leaves, reading takes lines in any order, and makes
one of two that agree on what a migration says.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec.structs import replace

import migsafe
from migsafe.applied import Acceptance, Fingerprint, Key
from migsafe.errors import InputError

ATTRIBUTES = "{} merge=union"
"""What ``.gitattributes`` has to say of a ledger."""

HEADER = b"# What was applied, one line a migration. migsafe record and migsafe accept write it: do not edit."

FORMAT = 1
"""Of lines: one more when fingerprints come about otherwise, or lines have what an older migsafe does not know."""

MARKERS = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")

REMOVE = (
    "Take that line from a commit that has it right, or remove it: "
    "migsafe record writes one of the migration as it is now."
)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One migration, as it was applied.

    Attributes:
        date: When it was applied, if a database has said so; else when that was recorded.
        fingerprint: What it was then; its SQL is what it is with the Django and the migsafe named here.
        accepted: What it may have become since.
        format: As `FORMAT`.
    """

    app: str
    name: str
    date: Annotated[datetime, msgspec.Meta(tz=True)]
    fingerprint: Fingerprint
    django: str
    migsafe: str
    accepted: Acceptance | None = None
    format: int = 1

    @property
    def key(self) -> Key:
        return self.app, self.name

    @property
    def versions(self) -> tuple[str, str]:
        """What its SQL was made with."""
        return self.django, self.migsafe

    @property
    def release(self) -> list[int]:
        """The version of Django, comparable."""
        return [int(number) for number in re.findall(r"\d+", self.django)]


class Ledger(NamedTuple):
    """A ledger and where it stands."""

    path: Path
    entries: Mapping[Key, Entry] = {}


class _Writer(msgspec.Struct):
    """What can be read of a line of any format."""

    format: int = 1
    migsafe: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)
_writer = msgspec.json.Decoder(_Writer)


def alike(one: Fingerprint | None, other: Fingerprint | None) -> bool:
    """Whether two migrations mean the same, however they are written; what they execute depends on more than that."""
    if one is None or other is None:
        return one is other
    return replace(one, sql={}, text="") == replace(other, sql={}, text="")


def executes_other(one: Entry, other: Entry) -> bool:
    """Whether two entries are known to execute something else on the same version of PostgreSQL."""
    was, now = one.fingerprint.sql, other.fingerprint.sql
    return any(was[major] != now[major] for major in was.keys() & now.keys())


def contradicts(one: Entry, other: Entry) -> bool:
    """Whether they do though the same Django has made it: something else has changed."""
    return one.versions == other.versions and executes_other(one, other)


def with_sql_of(older: Entry, newer: Entry) -> Entry:
    """The newer entry, with what the older one has of other versions of PostgreSQL if the same Django has made it."""
    if newer.versions != older.versions:
        return newer
    sql = dict(sorted((older.fingerprint.sql | newer.fingerprint.sql).items()))
    return replace(newer, fingerprint=replace(newer.fingerprint, sql=sql))


def render(entries: Iterable[Entry]) -> str:
    """The text of a ledger."""
    lines = [HEADER]
    app = None
    for entry in sorted(entries, key=lambda entry: entry.key):
        if entry.app != app:
            lines.append(b"")  # git merges what is added before and after a line that stays
        app = entry.app
        lines.append(_line(entry))
    return b"".join(line + b"\n" for line in lines).decode()


def read(path: Path) -> Ledger:
    """Read a ledger.

    Raises:
        InputError: It cannot be read, a newer migsafe has written it, a line is not as migsafe writes it, or two lines
            contradict each other.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"the ledger {path} cannot be read: {error.strerror}", "migsafe record writes one.") from error
    entries: dict[Key, Entry] = {}
    lines: dict[Key, int] = {}
    for number, line in enumerate(map(bytes.rstrip, content.split(b"\n")), 1):
        if not line or line == HEADER:
            continue
        entry = _entry(line, f"{path}:{number}", path.name)
        agreed = _agreed(entries.get(entry.key, entry), entry)
        if agreed is None:
            raise InputError(
                f"{path} says two things of {'.'.join(entry.key)}, in lines {lines[entry.key]} and {number}",
                f"Remove the one that is wrong: git log -p {path.name} shows who has added which.",
            )
        entries[entry.key] = agreed
        lines.setdefault(entry.key, number)
    return Ledger(path, dict(sorted(entries.items())))


def _line(entry: Entry) -> bytes:
    """An entry with a checksum: that somebody has edited it must not read as an edit of the migration."""
    text = _encoder.encode(entry)
    return b'%s,"check":"%s"}' % (text.removesuffix(b"}"), blake2b(text, digest_size=4).hexdigest().encode())


def _entry(line: bytes, where: str, name: str) -> Entry:
    if line.startswith(MARKERS):
        raise InputError(
            f"{where} is a conflict marker of git",
            "Keep the lines of both sides, and remove the markers. "
            f"With {ATTRIBUTES.format(name)!r} in .gitattributes git does so by itself.",
        )
    try:
        writer = _writer.decode(line)
        if writer.format > FORMAT:
            raise InputError(
                f"{where} is of migsafe {writer.migsafe}, which is newer than this one ({migsafe.__version__})",
                "Update it: pip install --upgrade django-migsafe",
            )
        entry = _decoder.decode(re.sub(rb',"check":"[0-9a-f]{8}"}$', b"}", line))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where} is not a line of a ledger: {error}", REMOVE) from error
    if _line(entry) != line:
        raise InputError(f"{where}, of {'.'.join(entry.key)}, is not as migsafe has written it", REMOVE)
    return entry


def _agreed(one: Entry, other: Entry) -> Entry | None:
    """What two branches say together of a migration; None if they contradict each other."""
    if contradicts(one, other) or not alike(one.fingerprint, other.fingerprint):
        return None
    # What is accepted has to be what the migration is: an acceptance of something else does no harm.
    accepted = max(filter(None, (one.accepted, other.accepted)), key=lambda one: one.date, default=None)
    older, newer = sorted((one, other), key=lambda entry: entry.release)
    return replace(with_sql_of(older, newer), date=min(one.date, other.date), accepted=accepted)
