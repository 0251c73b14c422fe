"""The ledger as text: what is read back, what git makes of two branches' ledgers, and what is said of a broken one."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

import migsafe
from migsafe.applied import Acceptance, Fingerprint
from migsafe.errors import InputError
from migsafe.history.ledger import ATTRIBUTES, Entry, Ledger, read, render
from tests.history.repositories import commit, repository

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = Fingerprint(operations="a" * 16, graph="b" * 16, text="c" * 16, sql={16: "d" * 16})
AFTER = replace(BEFORE, operations="e" * 16)
ACCEPTED = Acceptance(reason="typo in a “choice”\nsee #42", date=NOW, fingerprint=AFTER)


def entry(app: str, name: str, **changes: object) -> Entry:
    one = Entry(app=app, name=name, date=NOW, fingerprint=BEFORE, django="5.2", migsafe="0.1.0")
    return replace(one, **changes)


ORDERS = [entry("orders", "0001_initial"), entry("orders", "0002_status")]
USERS = [entry("users", "0001_initial")]


def written(folder: Path, text: str) -> Path:
    path = folder / "migsafe.lock"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def error(folder: Path, text: str) -> tuple[str, str | None]:
    """What is said of a ledger with this text, without the folder."""
    path = written(folder, text)
    with pytest.raises(InputError) as raised:
        read(path)
    return raised.value.message.replace(str(path), path.name), raised.value.hint


# Text


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    gone = Acceptance(reason="squashed by hand", date=NOW, fingerprint=None)
    entries = [*USERS, *ORDERS, entry("users", "0002_ü", accepted=ACCEPTED), entry("users", "0003_x", accepted=gone)]
    text = render(entries)
    ledger = read(written(tmp_path, text))
    assert list(ledger.entries.values()) == sorted(entries, key=lambda one: one.key)
    assert text.splitlines()[5] == (
        '{"app":"users","name":"0001_initial","date":"2026-03-01T12:00:00Z","fingerprint":'
        '{"operations":"aaaaaaaaaaaaaaaa","graph":"bbbbbbbbbbbbbbbb","text":"cccccccccccccccc",'
        '"sql":{"16":"dddddddddddddddd"}},"django":"5.2","migsafe":"0.1.0","check":"67d6a882"}'
    )
    assert render(ledger.entries.values()) == text


def test_order_line_ends_and_lines_that_are_there_twice_do_not_matter(tmp_path: Path) -> None:
    lines = render([*ORDERS, *USERS]).splitlines()
    ledger = read(written(tmp_path, "\r\n".join([*reversed(lines), "", *lines])))
    assert render(ledger.entries.values()).splitlines() == lines


def test_an_empty_one(tmp_path: Path) -> None:
    assert read(written(tmp_path, "")) == read(written(tmp_path, render([])))


# Broken ones

RESTORE = (
    "Take that line from a commit that has it right, or remove it: "
    "migsafe record writes one of the migration as it is now."
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0001_initial", "0001_other", "migsafe.lock:3, of orders.0001_other, is not as migsafe has written it"),
        ("a" * 16, "f" * 16, "migsafe.lock:3, of orders.0001_initial, is not as migsafe has written it"),
        ('"sql"', '"x":1,"sql"', "migsafe.lock:3, of orders.0001_initial, is not as migsafe has written it"),
        (',"check"', ', "check"', "migsafe.lock:3 is not a line of a ledger: Object contains unknown field `check`"),
        ('"app"', '"label"', "migsafe.lock:3 is not a line of a ledger: Object contains unknown field `label`"),
        (
            "12:00:00Z",
            "12:00:00",
            "migsafe.lock:3 is not a line of a ledger: Expected `datetime` with a timezone component - at `$.date`",
        ),
        ("{", "# {", "migsafe.lock:3 is not a line of a ledger: JSON is malformed: invalid character (byte 0)"),
        ("}\n", "\n", "migsafe.lock:3 is not a line of a ledger: Input data was truncated"),
    ],
)
def test_a_line_that_somebody_has_edited(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert error(tmp_path, render(ORDERS).replace(old, new, 1)) == (message, RESTORE)


def test_one_of_a_newer_migsafe(tmp_path: Path) -> None:
    line = '{"format":2,"migration":["orders","0001_initial"],"migsafe":"9.1"}\n'
    assert error(tmp_path, render(ORDERS) + line) == (
        f"migsafe.lock:5 is of migsafe 9.1, which is newer than this one ({migsafe.__version__})",
        "Update it: pip install --upgrade django-migsafe",
    )


def test_bytes_that_are_no_text_and_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(render(ORDERS).replace("orders", "\udcff").encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"bytes:3 is not a line of a ledger: 'utf-8' codec can't decode byte 0xff"):
        read(tmp_path / "bytes")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        read(tmp_path / "nowhere")


# Two lines for one migration


def both(folder: Path, one: Entry, other: Entry) -> Entry:
    entries = read(written(folder, render([one]) + render([other]))).entries
    assert list(read(written(folder, render([other]) + render([one]))).entries.values()) == list(entries.values())
    return entries[one.key]


def test_lines_that_agree_are_one(tmp_path: Path) -> None:
    one = ORDERS[0]
    later = NOW + timedelta(hours=1)
    assert both(tmp_path, one, replace(one, date=later)) == one
    assert both(tmp_path, one, replace(one, accepted=ACCEPTED)) == replace(one, accepted=ACCEPTED)
    again = replace(ACCEPTED, date=later, fingerprint=None)
    assert both(tmp_path, replace(one, accepted=again), replace(one, accepted=ACCEPTED)).accepted == again
    newer = replace(one, django="10.0", fingerprint=replace(BEFORE, sql={18: "f" * 16}))
    assert both(tmp_path, one, newer) == newer
    other_major = replace(one, fingerprint=replace(BEFORE, sql={18: "f" * 16}))
    assert both(tmp_path, other_major, one).fingerprint.sql == {16: "d" * 16, 18: "f" * 16}


@pytest.mark.parametrize("fingerprint", [AFTER, replace(BEFORE, sql={16: "f" * 16})])
def test_lines_that_contradict_each_other(tmp_path: Path, fingerprint: Fingerprint) -> None:
    other = replace(ORDERS[0], fingerprint=fingerprint)
    assert error(tmp_path, render(ORDERS) + render([other])) == (
        "migsafe.lock says two things of orders.0001_initial, in lines 3 and 7",
        "Remove the one that is wrong: git log -p migsafe.lock shows who has added which.",
    )


# What git makes of two branches


def merged(folder: Path, base: Iterable[Entry], ours: Iterable[Entry], theirs: Iterable[Entry]) -> Ledger:
    """The ledger after a merge of two branches; AssertionError if git has conflicts."""
    attributes = folder / ".gitattributes"
    git = repository(folder, {attributes.name: attributes.read_text() if attributes.exists() else ""})
    for branch, entries in (("base", base), ("theirs", theirs), ("ours", ours)):
        git("switch", "-q", "-c", branch, "feature" if branch == "base" else "base")
        path = written(folder, render(entries))
        commit(git)
    git("merge", "-q", "--no-edit", "theirs")
    return read(path)


def keys(ledger: Ledger) -> list[str]:
    return [".".join(key) for key in ledger.entries]


def test_branches_with_migrations_of_different_apps_merge(tmp_path: Path) -> None:
    ours = [*ORDERS, entry("orders", "0003_ours"), *USERS]
    accepted = replace(USERS[0], accepted=ACCEPTED)  # the next line but one
    ledger = merged(tmp_path, [*ORDERS, *USERS], ours, [*ORDERS, accepted, entry("users", "0002_theirs")])
    assert ledger.entries[accepted.key].accepted == ACCEPTED
    assert keys(ledger)[2:] == ["orders.0003_ours", "users.0001_initial", "users.0002_theirs"]


def test_branches_with_migrations_of_one_app_merge_with_the_attribute(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_text(ATTRIBUTES.format("migsafe.lock"))
    accepted = replace(ORDERS[1], accepted=ACCEPTED)
    both = entry("orders", "0003_both")  # recorded on each branch
    ours = [ORDERS[0], accepted, both, entry("orders", "0004_ours")]
    theirs = [*ORDERS, replace(both, date=NOW + timedelta(1)), entry("orders", "0004_theirs"), *USERS]
    ledger = merged(tmp_path, ORDERS, ours, theirs)
    assert (ledger.entries[accepted.key].accepted, ledger.entries[both.key].date) == (ACCEPTED, NOW)
    assert keys(ledger)[2:] == ["orders.0003_both", "orders.0004_ours", "orders.0004_theirs", "users.0001_initial"]


def test_branches_that_both_begin_one_merge_with_the_attribute(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_text(ATTRIBUTES.format("migsafe.lock"))
    ledger = merged(tmp_path, [], ORDERS, [ORDERS[0], *USERS])
    assert keys(ledger) == ["orders.0001_initial", "orders.0002_status", "users.0001_initial"]


def test_a_conflict_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        merged(tmp_path, ORDERS, [*ORDERS, entry("orders", "0003_a")], [*ORDERS, entry("orders", "0003_b")])
    with pytest.raises(InputError) as raised:
        read(tmp_path / "migsafe.lock")
    assert raised.value.message == f"{tmp_path / 'migsafe.lock'}:5 is a conflict marker of git"
    assert raised.value.hint == (
        "Keep the lines of both sides, and remove the markers. "
        "With 'migsafe.lock merge=union' in .gitattributes git does so by itself."
    )
