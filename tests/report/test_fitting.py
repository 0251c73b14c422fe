"""What finds room, and what does not."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from migsafe.report.fitting import FULL, Form, Part, Rank, fit, left_out


def part(*forms: tuple[int, int]) -> Part:
    """One of a rank and a length for each form."""
    return Part([Form(Rank(rank), f"rank {rank}", partial("x".__mul__, length)) for rank, length in forms])


def shown(parts: list[Part], room: int, share: float = 1) -> list[int]:
    fit(parts, room, {Rank(1): share})
    return [len(one.text) for one in parts]


def test_what_is_due_first_has_the_room() -> None:
    parts = [part((2, 50)), part((1, 50)), part((1, 50), (3, 60))]
    assert shown(parts, 102) == [0, 50, 50]
    assert list(left_out(parts)) == ["rank 2 (1)", "rank 3 (1)"]


def test_a_longer_form_costs_what_is_more() -> None:
    assert shown([part((1, 50), (2, 60))], 61) == [60]
    assert shown([part((1, 50), (2, 60))], 60) == [50]
    assert shown([part((1, 70), (2, 60))], 60) == [0]  # nothing without what comes before


def test_a_rank_has_its_share() -> None:
    assert shown([part((1, 49)), part((1, 49)), part((2, 49))], 100, 0.5) == [49, 0, 49]


def test_what_is_longer_than_most_is_passed_over() -> None:
    assert shown([part((1, 3 * FULL)), part((1, 50))], 2 * FULL) == [0, 50]


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3 * FULL)), min_size=1, max_size=3), max_size=12),
    st.integers(-10, 10 * FULL),
)
def test_it_fits(forms: list[list[tuple[int, int]]], room: int) -> None:
    parts = [part(*sorted(each)) for each in forms]
    assert sum(length + 1 for one, length in zip(parts, shown(parts, room), strict=True) if one.shown) <= max(room, 0)
    assert all(one.text == (one.forms[one.shown - 1].make() if one.shown else "") for one in parts)
