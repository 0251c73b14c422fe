"""The nouns of history hazards: what they are asked."""

from migsafe.applied import SOURCES, Graph, Key, Node, Past


def test_what_comes_before_what() -> None:
    parents = {"merge": ("left", "right"), "left": ("first",), "right": ("first",), "first": (), "aside": ()}
    nodes: dict[Key, Node] = {
        ("shop", name): Node(
            app="shop", name=name, path="", own=True, initial=False, parents=tuple(("shop", one) for one in before)
        )
        for name, before in parents.items()
    }
    graph = Graph(nodes=nodes)
    for one in nodes:
        assert {other for other in nodes if graph.comes_before(other, one)} == graph.ancestors(one)
    assert not graph.comes_before(("shop", "gone"), ("shop", "merge"))
    assert not graph.comes_before(("shop", "first"), ("shop", "gone"))


def test_what_each_source_says() -> None:
    both, one = ("shop", "0001_initial"), ("shop", "0002_note")
    past = Past(
        ref="main", database="default", applied={both: {"git": None, "database": None}, one: {"database": None}}
    )
    assert past.by_source == {"git": {both}, "ledger": set(), "database": {both, one}}
    assert past.sources == ("git", "database")
    assert past.where(SOURCES) == "main and database default"
