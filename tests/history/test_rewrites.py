"""However a migration is rewritten, it is the same; however it is edited, it is another: for real ones and one of everything."""

from pathlib import Path
from random import Random

import django
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migsafe.applied import Fingerprint
from migsafe.history.meaning import Disk, meaning
from tests.history.meanings import MIGRATION, PACKAGES, ROOT, Texts
from tests.history.rewrites import COSMETIC, Editable, Rewrite
from tests.history.test_meaning import FILES

SHOP = Path(__file__).parents[2] / "scenarios" / "shop" / "shop"
CONTRIB = Path(django.__file__).parent / "contrib"


class Edited(Disk):
    """The disk, with another text in one file."""

    def __init__(self, file: Path, text: str) -> None:
        super().__init__()
        self.file = file
        self.content = text.encode()

    def read(self, path: Path) -> bytes | None:
        return self.content if path == self.file else super().read(path)


REAL = [
    *(file for app in ("catalog", "orders", "users") for file in (SHOP / app / "migrations").glob("0*.py")),
    *(CONTRIB / "auth" / "migrations").glob("0*.py"),
    *(CONTRIB / "sites" / "migrations").glob("0*.py"),
]


def fingerprint(file: Path, text: str) -> Fingerprint:
    if file == ROOT / MIGRATION:
        return meaning(Texts({**FILES, MIGRATION: text}), file, PACKAGES).fingerprint
    app = file.parents[1]
    name = f"django.contrib.{app.name}" if CONTRIB in file.parents else f"shop.{app.name}"
    return meaning(Edited(file, text), file, {name: app, f"{name}.migrations": file.parent}).fingerprint


def source(file: Path) -> str:
    return Texts(FILES).files[file].decode() if file == ROOT / MIGRATION else file.read_text()


FILE = st.sampled_from([ROOT / MIGRATION] * 40 + sorted(REAL))


def differing(was: Fingerprint, now: Fingerprint) -> set[str]:
    return {part for part in ("operations", "python", "graph") if getattr(now, part) != getattr(was, part)}


@given(
    file=FILE,
    random=st.randoms(use_true_random=False),
    rewrites=st.lists(st.sampled_from(COSMETIC), min_size=1, max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_rewritten_is_the_same(file: Path, random: Random, rewrites: list[Rewrite]) -> None:
    text = source(file)
    was = fingerprint(file, text)
    for rewrite in rewrites:
        text = rewrite(random, text)
    assert not differing(was, fingerprint(file, text)), text


def check_edit(file: Path, editable: Editable, place: int, was: Fingerprint) -> None:
    text, changes = editable.edited(place)
    differs = differing(was, fingerprint(file, text))
    assert differs, text
    assert ("graph" in differs) == (changes == "graph"), text
    assert changes in {"", *differs}, text


@given(file=FILE, random=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_edited_is_not(file: Path, random: Random) -> None:
    text = source(file)
    editable = Editable(text)
    check_edit(file, editable, random.choice(editable.places), fingerprint(file, text))


def test_every_edit_of_one_of_everything() -> None:
    file = ROOT / MIGRATION
    text = source(file)
    editable = Editable(text)
    for place in editable.places:
        check_edit(file, editable, place, fingerprint(file, text))
    assert len(editable.places) > 50


@pytest.mark.parametrize("rewrite", COSMETIC)
def test_rewrites_rewrite(rewrite: Rewrite) -> None:
    text = source(ROOT / MIGRATION)
    assert rewrite(Random(1), text) != text
