"""The order of deploy that what was tried leaves."""

import pytest

from migsafe.verification import Order, Probe
from migsafe.verify.rollout import rollout

WORKS = Probe(model="shop.Order", table="shop_order", action="select")
FAILS = Probe(model="shop.Order", table="shop_order", action="insert", error="null value")
OPEN = Probe(model="shop.Order", table="shop_order", action="delete", reason="no row to try it with")


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        ([WORKS], [WORKS], "any"),
        ([], [], "any"),
        ([WORKS], [FAILS], "migrate first"),
        ([], [FAILS, OPEN], "migrate first"),
        ([FAILS], [WORKS], "code first"),
        ([WORKS, FAILS], [FAILS], "neither"),
        ([OPEN], [WORKS], "not verified"),
        ([WORKS], [WORKS, OPEN], "not verified"),
        ([FAILS], [OPEN], "code first"),
    ],
)
def test_order(old: list[Probe], new: list[Probe], order: Order) -> None:
    found = rollout(old, new)
    assert (found.order, found.old_code, found.new_code) == (order, tuple(old), tuple(new))
