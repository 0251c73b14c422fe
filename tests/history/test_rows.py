"""Rows of migsafe history: one for each migration, with the worst that is known of it."""

import pytest
from msgspec.structs import replace

from migsafe.applied import Acceptance, Edit, EditKind, Past, Source, Status, Unread
from migsafe.history.rows import rows
from tests.rules.applied import SINCE, Made, key, meaning, past

MADE = Made().add("shop.0001_initial").add("shop.0002_status", "shop.0001_initial").add("stock.0001_initial")
ALL = ["shop.0001_initial", "shop.0002_status"]
STATUS = key("shop.0002_status")


def edit(kind: EditKind, source: Source = "git", *, graph: bool = False) -> Edit:
    return Edit(app="shop", name="0002_status", source=source, kind=kind, graph=graph, after=meaning())


def status(known: Past) -> Status:
    return next(row.status for row in rows(MADE.graph, known, MADE.nodes, ["shop"]) if row.name == STATUS[1])


@pytest.mark.parametrize(
    ("edits", "worst"),
    [
        ([], "unchanged"),
        ([edit("cosmetic")], "edited (cosmetic)"),
        ([edit("cosmetic"), edit("state", "ledger")], "edited (state)"),
        ([edit("real", "ledger"), edit("cosmetic")], "edited"),
        ([edit("cosmetic", graph=True)], "edited (state)"),  # its dependencies
    ],
)
def test_the_worst_of_all_sources_counts(edits: list[Edit], worst: Status) -> None:
    assert status(past(git=ALL, ledger=ALL, edits=edits)) == worst


def test_what_nobody_knows_is_not_unchanged() -> None:
    assert status(past()) == "new"
    assert status(past(database=ALL)) == "unknown"  # names only
    unread = Unread(app="shop", name="0002_status", source="git", reason="it is no Python")
    assert status(replace(past(git=ALL), unread=(unread,))) == "unknown"


def test_accepted() -> None:
    accepted = Acceptance(reason="only its name", date=SINCE, fingerprint=None)
    known = replace(past(git=ALL, edits=[edit("real")]), accepted={STATUS: accepted})
    (row,) = rows(MADE.graph, known, [STATUS], [])
    assert (row.status, row.accepted) == ("accepted", "only its name")


def test_what_is_gone_is_listed_last_and_only_of_whole_apps() -> None:
    known = past(
        git=[*ALL, "shop.0003_gone", "stock.0002_gone"], paths={"shop.0003_gone": "shop/migrations/0003_gone.py"}
    )
    listed = list(rows(MADE.graph, known, [STATUS], ["shop"]))
    assert [(row.name, row.status, row.path) for row in listed] == [
        ("0002_status", "unchanged", "shop/migrations/0002_status.py"),
        ("0003_gone", "missing", "shop/migrations/0003_gone.py"),
    ]
    assert listed[1].applied == {"git": SINCE}
    assert [row.name for row in rows(MADE.graph, known, [STATUS], [])] == ["0002_status"]


def test_squashed() -> None:
    made = Made().add("shop.0001_squash", replaces=ALL).add("shop.0001_initial")
    made.nodes[key("shop.0001_initial")] = replace(
        made.nodes[key("shop.0001_initial")], replaced_by=key("shop.0001_squash")
    )
    listed = rows(made.graph, past(git=[*ALL, "shop.0001_squash"]), [key("shop.0001_squash")], ["shop"])
    assert [(row.name, row.status, row.replaced_by) for row in listed] == [
        ("0001_squash", "unchanged", None),
        ("0001_initial", "unchanged", "shop.0001_squash"),
        ("0002_status", "replaced", "shop.0001_squash"),
    ]
