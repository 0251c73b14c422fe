"""The graph's drawings: no name is markup, a command or an escape sequence in them."""

import msgspec
from hypothesis import given

from migsafe.report import graph
from tests.report import readers
from tests.report.test_formats import NAME


@given(NAME, NAME)
def test_names_are_inert(app: str, name: str) -> None:
    first, second = (
        graph.GraphMigration(
            app=app,
            name=each,
            path="x.py",
            dependencies=before,
            implied=(),
            leaf=each != name,
            conflict=False,
            merge=False,
            replaces=(),
            first_party=True,
        )
        for each, before in ((name, ()), (f"{name}_next", (f"{app}.{name}",)))
    )
    drawn = graph.Graph(migrations=(first, second), longest_chain=2)
    for render in (graph.text, graph.mermaid, graph.dot):
        shown = render(drawn)
        readers.assert_inert(shown)
        assert readers.commands(shown)[0] == []
        assert len(shown.splitlines()) == len(render(_harmless(drawn)).splitlines())


def _harmless(drawn: graph.Graph) -> graph.Graph:
    first, second = drawn.migrations
    first = msgspec.structs.replace(first, app="x", name="a")
    return graph.Graph(
        migrations=(first, msgspec.structs.replace(second, app="x", name="b", dependencies=("x.a",))),
        longest_chain=2,
    )
