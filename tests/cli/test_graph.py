"""``migsafe graph``."""

import json
from pathlib import Path

import msgspec
import pytest

from migsafe.report.graph import Graph
from tests.projects import app, migration, run, write_project

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "graph.md"


def after(*names: str, app: str = "orders", **more: str) -> str:
    return migration(dependencies=tuple((app, name) for name in names), **more)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A squash, a merge with a longer and a shorter branch, a conflict, and a dependency that others imply."""
    orders = {
        "0001_squashed_0002": migration(attributes='replaces = [("orders", "0001_a"), ("orders", "0002_b")]'),
        "0003_left": after("0001_squashed_0002"),
        "0003_right": after("0001_squashed_0002"),
        "0004_right": after("0003_right"),
        "0005_merge": after("0003_left", "0004_right"),
        "0006_x": after("0005_merge"),
        "0007_x": after("0006_x"),
        "0008_x": after("0007_x"),
        "0009_last": after("0008_x"),
    }
    users = {
        "0001_initial": after("0003_left"),
        "0002_b": migration(dependencies=(("users", "0001_initial"), ("orders", "0003_left"))),
        "0002_c": after("0001_initial", app="users"),
    }
    return write_project(tmp_path_factory.mktemp("project"), app("orders", orders), app("users", users))


def output(project: Path, *arguments: str) -> str:
    ran = run(project, "graph", *arguments)
    assert (ran.code, ran.stderr) == (0, "")
    return ran.stdout


def test_text_folds_what_is_plain(project: Path) -> None:
    assert (
        output(project)
        == """\
orders
● 0001_squashed_0002  squash of 2
├─╮
│ ● 0003_right
│ ● 0004_right
● │ 0003_left
├─╯
● 0005_merge  merge
┊ 3 migrations
● 0009_last  leaf

users
● 0001_initial  after orders.0003_left
├─╮
│ ● 0002_b  conflict  leaf
● 0002_c  conflict  leaf

12 migrations in 2 apps; the longest chain has 8. Conflicting leaf nodes: users (makemigrations --merge).
"""
    )


def test_text_of_one_app_has_every_migration(project: Path) -> None:
    shown = output(project, "orders").splitlines()
    assert shown[8:] == [
        "● 0006_x",
        "● 0007_x",
        "● 0008_x",
        "● 0009_last  leaf",
        "",
        "9 migrations in 1 app; the longest chain has 8.",
    ]


def test_json_is_the_documented_type(project: Path) -> None:
    text = output(project, "users", "--format", "json")
    graph = msgspec.json.decode(text, type=Graph, strict=True)
    assert json.loads(text) == json.loads(msgspec.json.encode(graph))
    assert (graph.version, graph.longest_chain, len(graph.migrations)) == (1, 2, 3)
    assert json.loads(text)["migrations"][1] == {
        "app": "users",
        "name": "0002_b",
        "path": str(project / "users" / "migrations" / "0002_b.py"),
        "dependencies": ["orders.0003_left", "users.0001_initial"],
        "implied": ["orders.0003_left"],
        "leaf": True,
        "conflict": True,
        "merge": False,
        "replaces": [],
        "first_party": True,
    }


def test_documentation_has_every_field() -> None:
    example = DOCUMENTATION.read_text().split("```json\n")[1].split("```")[0]
    documented = msgspec.json.decode(example, type=Graph)
    assert json.loads(msgspec.json.encode(documented)) == json.loads(example)


def test_output_to_a_file(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    assert output(project, "--format", "json", "-o", str(file)) == ""
    assert len(json.loads(file.read_text())["migrations"]) == 12


def test_json_of_a_squash_and_a_merge(project: Path) -> None:
    migrations = json.loads(output(project, "--format", "json"))["migrations"]
    by_name = {migration["name"]: migration for migration in migrations}
    assert by_name["0001_squashed_0002"]["replaces"] == ["orders.0001_a", "orders.0002_b"]
    assert [name for name, migration in by_name.items() if migration["merge"]] == ["0005_merge"]


def test_mermaid(project: Path) -> None:
    assert (
        output(project, "users", "--format", "mermaid")
        == """\
flowchart TD
  subgraph users
    m0["0001_initial"]
    m1["0002_b"]:::conflict
    m2["0002_c"]:::conflict
  end
  m0 --> m1
  m0 --> m2
  classDef leaf stroke:#2da44e,stroke-width:3px
  classDef conflict stroke:#cf222e,stroke-width:3px
  classDef merge stroke:#8250df,stroke-width:3px
  classDef squash stroke-dasharray:5 5
"""
    )


def test_dot(project: Path) -> None:
    assert (
        output(project, "users", "--format", "dot")
        == """\
digraph migrations {
  node [shape=box];
  subgraph cluster_0 {
    label="users";
    m0 [label="0001_initial"];
    m1 [label="0002_b" color="red" penwidth=2];
    m2 [label="0002_c" color="red" penwidth=2];
  }
  m0 -> m1;
  m0 -> m2;
}
"""
    )


def test_names_are_escaped(tmp_path: Path) -> None:
    name = '0001_a"]b\\-#'
    write_project(tmp_path, app("orders", {name: migration()}))
    assert '    m0["0001_a#34;#93;b#92;#45;#35;"]:::leaf\n' in output(tmp_path, "--format", "mermaid")
    assert '    m0 [label="0001_a\\"]b\\\\-#" color="darkgreen" penwidth=2];\n' in output(tmp_path, "--format", "dot")


def test_color_only_when_asked_for_without_a_terminal(project: Path) -> None:
    assert "\x1b[" not in output(project)
    assert "\x1b[32mleaf\x1b[0m" in output(project, "--color", "always")


def test_an_unknown_app(project: Path) -> None:
    ran = run(project, "graph", "order")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == "error: there is no app 'order'\nhint: Did you mean orders?\n"


def test_all_mistakes_in_the_configuration_are_one_error(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_initial": migration()}))
    (tmp_path / "pyproject.toml").write_text("[tool.migsafe]\npostgress = 16\nfail-on = 1\n")
    ran = run(tmp_path, "graph")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"error: {tmp_path}/pyproject.toml: there is no option 'postgress' (did you mean postgres?)\n"
        f"{tmp_path}/pyproject.toml: fail-on has to be one of error, warning, info, never, not 1\n"
        "hint: docs/configuration.md describes every option.\n"
    )
