"""The history as a graph: Django's order, squashes, conflicts, and what names on the command line mean."""

import json
from pathlib import Path
from typing import Any

import django
import pytest

from tests.projects import app, migration, run_python, write, write_project

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"

LOAD = """
import json
from pathlib import Path
from migsafe.errors import MigsafeError
from migsafe.project.graph import History
from migsafe.project.load import load
try:
    history = History(load(Path.cwd()))
except MigsafeError as error:
    print(json.dumps([type(error).__name__, error.message, error.hint]))
    raise SystemExit
"""

PLAN = """
from django.db.migrations.executor import MigrationExecutor
executor = object.__new__(MigrationExecutor)
executor.loader = history.loader
plan = executor.migration_plan(history.loader.graph.leaf_nodes(), clean_start=True)
print(json.dumps({"django": [(m.app_label, m.name) for m, _ in plan], "migsafe": history.order}))
"""


def history(folder: Path, expression: str) -> Any:
    """Load the project in a folder and evaluate an expression of ``history``."""
    ran = run_python(folder, f"{LOAD}\nprint(json.dumps({expression}))")
    assert ran.code == 0, ran.stderr
    return json.loads(ran.stdout)


def load_error(folder: Path) -> list[str]:
    """Load a project that has to fail: name, message and hint of the error."""
    kind, message, hint = history(folder, "None")
    return [kind, message, hint]


def after(*names: str, app: str = "orders", **more: Any) -> str:
    return migration(dependencies=tuple((app, name) for name in names), **more)


# Packages


def test_packages_of_an_app_and_of_its_migrations(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        app("orders", {"0001_initial": migration()}),
        {"bare/__init__.py": ""},
        {"off/__init__.py": ""},
        {"away/__init__.py": ""},
        {"odd/__init__.py": "", "odd/migrations.py": ""},
        extra='MIGRATION_MODULES = {"off": None, "away": "moved.away"}',
        **{"moved/__init__.py": "", "moved/away/__init__.py": "", "moved/away/0001_initial.py": migration()},
    )
    labels = ["orders", "bare", "off", "away", "odd", "nowhere"]
    found = history(tmp_path, f"[{{k: str(v) for k, v in history.packages(app).items()}} for app in {labels}]")
    names = [
        {"orders": "orders", "orders.migrations": "orders/migrations"},
        {"bare": "bare", "bare.migrations": "bare/migrations"},
        {"off": "off"},
        {"away": "away", "moved.away": "moved/away"},
        {"odd": "odd", "odd.migrations": "odd/migrations"},
        {},
    ]
    assert found == [{name: str(tmp_path / path) for name, path in one.items()} for one in names]


# Order


def assert_order_is_djangos(folder: Path) -> int:
    ran = run_python(folder, LOAD + PLAN)
    assert ran.code == 0, ran.stderr
    plans = json.loads(ran.stdout)
    assert plans["migsafe"] == plans["django"]
    return len(plans["migsafe"])


def test_order_of_the_contrib_apps_is_djangos(tmp_path: Path) -> None:
    names = ["admin", "auth", "contenttypes", "flatpages", "redirects", "sessions", "sites"]
    apps = [f"django.contrib.{name}" for name in names]
    write_project(tmp_path, app("orders", {"0001_initial": migration()}), extra=f"INSTALLED_APPS += {apps}")
    assert assert_order_is_djangos(tmp_path) > 20


@pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")
def test_order_of_the_shop_is_djangos() -> None:
    assert assert_order_is_djangos(SHOP) >= 120


def test_order_with_run_before_and_dependencies_across_apps_is_djangos(tmp_path: Path) -> None:
    orders = app(
        "orders",
        {
            "0001_initial": migration(),
            "0002_b": after("0001_initial", attributes='run_before = [("users", "0001_initial")]'),
            "0003_c": migration(dependencies=(("orders", "0002_b"), ("users", "__latest__"))),
        },
    )
    users = app("users", {"0001_initial": migration(), "0002_b": after("0001_initial", app="users")})
    write_project(tmp_path, orders, users)
    assert assert_order_is_djangos(tmp_path) == 5
    assert history(tmp_path, "['.'.join(key) for key in history.order]") == [
        "orders.0001_initial",
        "orders.0002_b",
        "users.0001_initial",
        "users.0002_b",
        "orders.0003_c",
    ]


def test_what_comes_after_what_and_the_longest_chain(tmp_path: Path) -> None:
    orders = app("orders", {"0001_a": migration(), "0002_b": after("0001_a"), "0002_c": after("0001_a")})
    write_project(tmp_path, orders, app("users", {"0001_a": after("0002_b")}))
    after_all, after_one = (
        f"sorted(history.after([('orders', '{name}'), ('orders', '0002_c'), ('gone', '0001_x')]))"
        for name in ("0001_a", "0002_b")
    )
    assert history(tmp_path, f"[history.longest_chain, {after_one}, len({after_all})]") == [3, [["users", "0001_a"]], 3]


def test_apps_without_migrations_are_left_out(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        app("orders", {"0001_a": migration()}),
        app("users", {"0001_a": migration()}),
        {"plain/__init__.py": ""},
        extra='MIGRATION_MODULES = {"users": None}',
    )
    assert history(tmp_path, "[history.apps, history.order]") == [["orders"], [["orders", "0001_a"]]]


# Squashes, as Django resolves them on an empty database

SQUASH = after(attributes='replaces = [("orders", "0001_a"), ("orders", "0002_b")]')
SHAPE = "[[key[1] for key in history.order], {k[1]: v[1] for k, v in history.replaced.items()}]"


def test_squash_beside_its_originals_takes_their_place(tmp_path: Path) -> None:
    files = {
        "0001_a": migration(),
        "0001_squashed_0002_b": SQUASH,
        "0002_b": after("0001_a"),
        "0003_c": after("0002_b"),
    }
    write_project(tmp_path, app("orders", files))
    assert history(tmp_path, SHAPE) == [
        ["0001_squashed_0002_b", "0003_c"],
        {"0001_a": "0001_squashed_0002_b", "0002_b": "0001_squashed_0002_b"},
    ]
    assert history(
        tmp_path, "[[key[1] for key in history.order if history.migration(key).replaces], list(history.digraph.edges)]"
    ) == [
        ["0001_squashed_0002_b"],
        [[["orders", "0001_squashed_0002_b"], ["orders", "0003_c"]]],
    ]


def test_squash_whose_originals_are_gone_still_stands_for_them(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_squashed_0002_b": SQUASH, "0003_c": after("0002_b")}))
    assert history(tmp_path, SHAPE)[0] == ["0001_squashed_0002_b", "0003_c"]


def test_squash_of_a_squash(tmp_path: Path) -> None:
    files = {
        "0001_squashed_0002_b": SQUASH,
        "0001_squashed_0003_c": after(
            attributes='replaces = [("orders", "0001_squashed_0002_b"), ("orders", "0003_c")]'
        ),
        "0003_c": after("0001_squashed_0002_b"),
        "0004_d": after("0003_c"),
    }
    write_project(tmp_path, app("orders", files))
    assert history(tmp_path, SHAPE) == [
        ["0001_squashed_0003_c", "0004_d"],
        dict.fromkeys(["0001_a", "0002_b", "0001_squashed_0002_b", "0003_c"], "0001_squashed_0003_c"),
    ]


# Conflicts and merges


def test_conflicting_leaf_nodes_load_and_are_told(tmp_path: Path) -> None:
    files = {"0001_a": migration(), "0002_b": after("0001_a"), "0002_c": after("0001_a")}
    write_project(tmp_path, app("orders", files), app("users", {"0001_a": migration()}))
    leaves = [["orders", "0002_b"], ["orders", "0002_c"]]
    assert history(tmp_path, "[history.conflicts, history.leaf_nodes(), list(history.merges)]") == [
        {"orders": leaves},
        [*leaves, ["users", "0001_a"]],
        [],
    ]


def test_merge_is_what_depends_on_two_of_its_own_app(tmp_path: Path) -> None:
    files = {
        "0001_a": migration(),
        "0002_b": after("0001_a"),
        "0002_c": after("0001_a"),
        "0003_merge": after("0002_b", "0002_c"),
    }
    write_project(tmp_path, app("orders", files), app("users", {"0001_a": after("0002_b", "0002_c")}))
    assert history(tmp_path, "[history.conflicts, list(history.merges)]") == [{}, [["orders", "0003_merge"]]]


# Names on the command line

NAMED = """
import sys
for words in json.loads({words!r}):
    try:
        found = " ".join(".".join(key) for key in history.resolve(*words))
    except MigsafeError as error:
        found = f"{{error.message}} | {{error.hint}}"
    print(found)
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    orders = {
        "0001_squashed_0002_b": SQUASH,
        "0003_add_total": after("0002_b"),
        "0003_add_total_again": after("0003_add_total"),
        "0004_hyphen-ated": after("0003_add_total_again"),
        "0012_c": after("0004_hyphen-ated"),
    }
    users = {"0001_initial": migration(), "0005_b": after("0001_initial", app="users")}
    write_project(
        folder,
        app("orders", orders),
        app("users", users),
        {"plain/__init__.py": ""},
        extra='INSTALLED_APPS += ["django.contrib.contenttypes", "django.contrib.auth"]',
    )
    return folder


def resolve(folder: Path, *words: list[str]) -> list[str]:
    ran = run_python(folder, LOAD + NAMED.format(words=json.dumps(words)))
    assert ran.code == 0, ran.stderr
    return ran.stdout.splitlines()


def test_names_that_mean_one_thing(named: Path) -> None:
    cases = {
        ("users",): "users.0001_initial users.0005_b",
        ("orders", "0012"): "orders.0012_c",
        ("orders", "0012_c"): "orders.0012_c",
        # A full name is itself, though another begins with it.
        ("orders", "0003_add_total"): "orders.0003_add_total",
        ("orders.0003_add_total",): "orders.0003_add_total",
        ("orders/0012",): "orders.0012_c",
        ("orders.0004_hyphen-ated",): "orders.0004_hyphen-ated",
        ("0005_b",): "users.0005_b",
        # auth has a 0012 too, but is not the team's own.
        ("0012",): "orders.0012_c",
        ("orders/migrations/0012_c.py",): "orders.0012_c",
        (str(named / "orders" / "migrations" / "0012_c.py"),): "orders.0012_c",
    }
    assert resolve(named, *map(list, cases)) == list(cases.values())


def test_names_that_mean_nothing_or_several_things(named: Path) -> None:
    apps = "Apps with migrations: auth, contenttypes, orders, users."
    cases = {
        ("order",): "there is no app 'order' | Did you mean orders?",
        ("zzz",): f"there is no app 'zzz' | {apps}",
        ("plain",): f"app plain has no migrations | {apps}",
        ("orders", "0003"): (
            "'0003' is ambiguous in app orders: 0003_add_total, 0003_add_total_again | Write more of the name."
        ),
        ("0001",): (
            "'0001' is ambiguous: orders.0001_squashed_0002_b, users.0001_initial | Name the app too: APP MIGRATION."
        ),
        ("orders", "0003_add_totl"): (
            "app orders has no migration '0003_add_totl' | Did you mean 0003_add_total or 0003_add_total_again?"
        ),
        ("orders", "xyz"): (
            "app orders has no migration 'xyz' | Its last migrations: 0001_squashed_0002_b, 0003_add_total, "
            "0003_add_total_again, 0004_hyphen-ated, 0012_c."
        ),
        ("orders", "0002"): (
            "orders.0002_b is replaced by orders.0001_squashed_0002_b | "
            "On an empty database Django runs 0001_squashed_0002_b instead."
        ),
        ("orders/models.py",): f"orders/models.py is not a migration of an installed app | {apps}",
        ("orders/migrations/0099_x.py",): f"there is no file orders/migrations/0099_x.py | {apps}",
    }
    assert resolve(named, *map(list, cases)) == list(cases.values())


# Errors


def test_migration_that_fails_to_import(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_a": "import orders.helper\n"}))
    write(tmp_path, {"orders/helper.py": "# comment\n1 / 0\n"})
    assert load_error(tmp_path) == [
        "MigrationImportError",
        "orders/migrations/0001_a.py fails to import: ZeroDivisionError: division by zero (orders/helper.py:2)",
        "Repair it: Django itself cannot run migrations either, as long as one fails to import.",
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere' (orders/migrations/0001_a.py:1)"),
        ("x = (", "SyntaxError: '(' was never closed (orders/migrations/0001_a.py:1)"),
        ("raise SystemExit(3)", "SystemExit: 3 (orders/migrations/0001_a.py:1)"),
    ],
)
def test_migration_that_fails_in_other_ways(tmp_path: Path, code: str, reason: str) -> None:
    write_project(tmp_path, app("orders", {"0001_a": code}))
    assert load_error(tmp_path)[:2] == [
        "MigrationImportError",
        f"orders/migrations/0001_a.py fails to import: {reason}",
    ]


def test_migration_without_a_class(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_a": "x = 1"}))
    assert load_error(tmp_path) == [
        "MigrationImportError",
        "orders/migrations/0001_a.py has no class Migration",
        "Every module in a migrations package needs one, unless its name starts with _ or ~.",
    ]


def test_migration_modules_that_do_not_exist(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {}), extra='MIGRATION_MODULES = {"orders": "nowhere.orders"}')
    assert load_error(tmp_path) == [
        "MigrationImportError",
        "migrations fail to load: ModuleNotFoundError: No module named 'nowhere'",
        "Look at MIGRATION_MODULES in config.settings.",
    ]


def test_dependency_that_does_not_exist(tmp_path: Path) -> None:
    files = {"0001_initial": migration(), "0002_add_total": after("0001_initial"), "0003_c": after("0002_add_totals")}
    write_project(tmp_path, app("orders", files))
    assert load_error(tmp_path) == [
        "GraphError",
        "orders/migrations/0003_c.py depends on orders.0002_add_totals, which does not exist",
        "Did you mean 0002_add_total? Restore the file, or change the dependency.",
    ]


def test_run_before_something_that_does_not_exist(tmp_path: Path) -> None:
    files = {"0001_a": migration(attributes='run_before = [("users", "0009_z")]')}
    write_project(tmp_path, app("orders", files), app("users", {"0001_initial": migration()}))
    assert load_error(tmp_path)[:2] == [
        "GraphError",
        "orders/migrations/0001_a.py runs before users.0009_z, which does not exist",
    ]


@pytest.mark.parametrize("name", ["0001_initial", "__first__"])
def test_dependency_on_an_app_that_is_not_installed(tmp_path: Path, name: str) -> None:
    write_project(tmp_path, app("orders", {"0001_a": after(name, app="users")}))
    assert load_error(tmp_path) == [
        "GraphError",
        f"orders/migrations/0001_a.py depends on users.{name}, which does not exist",
        "App users is not installed: add it to INSTALLED_APPS, or remove the dependency.",
    ]


def test_cycle(tmp_path: Path) -> None:
    orders = app(
        "orders", {"0001_a": migration(), "0002_b": migration(dependencies=(("orders", "0001_a"), ("users", "0001_a")))}
    )
    write_project(tmp_path, orders, app("users", {"0001_a": after("0002_b")}))
    assert load_error(tmp_path) == [
        "GraphError",
        "migrations depend on each other in a circle: orders.0002_b depends on users.0001_a, "
        "which depends on orders.0002_b",
        "Take one of these out of its migration's dependencies (or run_before), "
        "for example in orders/migrations/0002_b.py.",
    ]


def test_migrations_that_query_while_they_are_imported_do_not_connect(tmp_path: Path) -> None:
    imports = "from django.db import connection\nconnection.cursor()"
    write_project(tmp_path, app("orders", {"0001_a": migration(imports=imports)}))
    assert load_error(tmp_path)[1] == (
        "orders/migrations/0001_a.py fails to import: OperationalError: migsafe works without a database: nothing may "
        "connect to one (orders/migrations/0001_a.py:3)"
    )


@pytest.mark.slow
def test_cost_is_linear_with_many_leaves(tmp_path: Path) -> None:
    """800 migrations in 40 apps, each app on top of the one before, so that Django's plan walks all of it 40 times."""
    apps = []
    for number in range(40):
        files = {
            f"{step:04}_x": after(f"{step - 1:04}_x", app=f"a{number}")
            if step
            else (after("0019_x", app=f"a{number - 1}") if number else migration())
            for step in range(20)
        }
        apps.append(app(f"a{number}", files))
    write_project(tmp_path, *apps)
    script = LOAD + (
        "import time\nstart = time.process_time()\nassert len(list(history._plan())) == 800\n"
        "print(time.process_time() - start)"
    )
    ran = run_python(tmp_path, script)
    assert float(ran.stdout) < 0.1, ran.stderr
