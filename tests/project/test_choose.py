"""Which migrations a run looks at."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.projects import app, migration, run, write, write_project

FIELD = 'migrations.AddField("order", "field{}", models.TextField(null=True))'
CREATE = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'


def after(*names: str, field: str) -> str:
    return migration(FIELD.format(field), dependencies=tuple(("orders", name) for name in names))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``orders`` has two branches from 0002 on and a merge; ``crm`` has an initial migration and one that follows."""
    folder = tmp_path_factory.mktemp("shop")
    orders = {
        "0001_initial": migration(CREATE),
        "0002_a": after("0001_initial", field="2"),
        "0003_left": after("0002_a", field="3"),
        "0003_right": after("0002_a", field="4"),
        "0004_merge": migration(dependencies=(("orders", "0003_left"), ("orders", "0003_right"))),
    }
    crm = {
        "0001_initial": migration(CREATE, dependencies=(("orders", "0003_left"),)),
        "0002_more": migration(FIELD.format("1"), dependencies=(("crm", "0001_initial"),)),
    }
    return write_project(
        folder,
        app("orders", orders),
        app("crm", crm),
        extra='INSTALLED_APPS += ["django.contrib.contenttypes", "django.contrib.sites"]',
    )


def looked_at(folder: Path, *arguments: str) -> list[str]:
    ran = run(folder, "lint", *arguments, "--format", "json", "--exit-zero")
    assert ran.stdout, ran.stderr
    return sorted(f"{one['app']}.{one['name']}" for one in json.loads(ran.stdout)["migrations"])


ORDERS = ["orders.0002_a", "orders.0003_left", "orders.0003_right", "orders.0004_merge"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["crm.0002_more", *ORDERS]),
        (("--initial",), ["crm.0001_initial", "crm.0002_more", "orders.0001_initial", *ORDERS]),
        (
            ("--all-apps",),
            ["contenttypes.0002_remove_content_type_name", "crm.0002_more", *ORDERS, "sites.0002_alter_domain_unique"],
        ),
        (("sites",), ["sites.0002_alter_domain_unique"]),
        (("crm", "orders", "0001"), ["crm.0002_more", "orders.0001_initial"]),
        (("orders.0001", "orders"), ["orders.0001_initial", *ORDERS]),
    ],
)
def test_initial_and_third_party_migrations_only_when_named_or_asked_for(
    shop: Path, arguments: tuple[str, ...], expected: list[str]
) -> None:
    assert looked_at(shop, *arguments) == expected


@pytest.mark.parametrize(
    ("start_after", "arguments", "expected"),
    [
        ('{orders = "0002"}', (), ["crm.0002_more", "orders.0003_left", "orders.0003_right", "orders.0004_merge"]),
        # Another branch is not older, and what another app's migration depends on does not make it old.
        ('{orders = "0003_left"}', ("orders",), ["orders.0003_right", "orders.0004_merge"]),
        ('{crm = "0001"}', (), ["crm.0002_more", *ORDERS]),
        ('{orders = "0004", crm = "0002_more"}', (), []),
        ('{orders = "0004"}', ("orders.0002_a", "orders"), ["orders.0002_a"]),
        ('{orders = "0004"}', ("orders", "0001"), ["orders.0001_initial"]),
    ],
)
def test_history_up_to_start_after_only_when_a_migration_is_named(
    shop: Path, start_after: str, arguments: tuple[str, ...], expected: list[str]
) -> None:
    write(shop, {"migsafe.toml": f"start-after = {start_after}\n"})
    try:
        assert looked_at(shop, *arguments) == expected
    finally:
        (shop / "migsafe.toml").unlink()


def test_what_is_left_out_is_counted(shop: Path) -> None:
    write(shop, {"migsafe.toml": 'start-after = {orders = "0003_left"}\n'})
    try:
        ran = run(shop, "lint")
        skipped = json.loads(run(shop, "lint", "--format", "json").stdout)["skipped"]
    finally:
        (shop / "migsafe.toml").unlink()
    assert "; left out: 1 initial, 3 up to start-after (Django" in ran.stdout
    assert skipped == {"initial": 1, "start_after": 3, "rewritten": 0}


def test_since_finds_initial_migrations_that_are_new_but_no_old_history(tmp_path: Path) -> None:
    folder = write_project(tmp_path, app("orders", {"0001_initial": migration(CREATE)}))
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "empty"], check=True)
    assert looked_at(folder, "--since", "main") == ["orders.0001_initial"]
    write(folder, {"migsafe.toml": 'start-after = {orders = "0001"}\n'})
    assert looked_at(folder, "--since", "main") == []


def test_all_names_that_do_not_exist_are_in_one_message(tmp_path: Path) -> None:
    folder = write_project(tmp_path, app("orders", {"0001_initial": migration(CREATE)}))
    config = """
        start-after = {orders = "0002", order = "0001"}
        [per-migration-ignores]
        "orders.0003_x" = {MS201 = "small"}
        "orders" = {MS201 = "small"}
    """
    write(folder, {"migsafe.toml": config})
    ran = run(folder, "lint")
    file = folder / "migsafe.toml"
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.splitlines() == [
        f"error: {file}: start-after: app orders has no migration '0002'. Its last migrations: 0001_initial.",
        f"{file}: start-after: there is no app 'order'. Did you mean orders?",
        f"{file}: per-migration-ignores: app orders has no migration '0003_x'. Its last migrations: 0001_initial.",
        f"{file}: per-migration-ignores: 'orders' is not APP.MIGRATION.",
        "hint: docs/configuration.md describes every option.",
    ]
