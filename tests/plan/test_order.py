"""Which operations keep their order: all that are about the same, and no others."""

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from migsafe.plan.order import Touched, kept

MODELS = ("shop.order", "shop.line", "shop.customer")
LABELS = st.sampled_from([*MODELS, *(f"{model}.{field}" for model in MODELS for field in ("id", "name"))])
ITEMS = st.one_of(
    st.none(),
    st.builds(
        Touched,
        changes=st.frozensets(LABELS, min_size=1, max_size=2),
        needs=st.frozensets(st.sampled_from([f"{model}.id" for model in MODELS]), max_size=2),
    ),
)


def meet(one: Touched | None, other: Touched | None) -> bool:
    """Whether the order of two operations counts, by definition."""
    if one is None or other is None:
        return True

    def overlap(left: str, right: str) -> bool:
        return left == right or left.startswith(f"{right}.") or right.startswith(f"{left}.")

    pairs = [(a, b) for a in one.changes for b in other.changes]
    pairs += [(a, b) for a in one.needs for b in other.changes] + [(a, b) for a in one.changes for b in other.needs]
    return any(overlap(*pair) for pair in pairs)


@settings(deadline=None)  # the first example pays for imports
@given(st.lists(ITEMS, max_size=12))
def test_order_is_kept_of_what_is_about_the_same(items: list[Touched | None]) -> None:
    pairs = list(kept(items))
    expected = [(i, j) for j in range(len(items)) for i in range(j) if meet(items[i], items[j])]

    def closure(edges: list[tuple[int, int]]) -> set[tuple[int, int]]:
        graph: networkx.DiGraph[int] = networkx.DiGraph(edges)
        graph.add_nodes_from(range(len(items)))
        return set(networkx.transitive_closure_dag(graph).edges)

    assert all(earlier < later for earlier, later in pairs)
    assert closure(pairs) == closure(expected)


def test_pairs_do_not_grow_with_the_square_of_the_operations() -> None:
    items = [Touched(frozenset({"shop.order"})) for _ in range(1000)]
    assert len(list(kept(items))) == 999
