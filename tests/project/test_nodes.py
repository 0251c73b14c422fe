"""The graph as frozen values, and what makemigrations would write."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import django
import pytest

from migsafe.applied import Dependency, Graph, ModelReference
from migsafe.project.graph import History
from migsafe.project.nodes import graph
from migsafe.testing import Migration, Scenario
from tests.projects import run_python

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"


def described(
    *migrations: Migration, files: Mapping[str, str] | None = None, installed: tuple[str, ...] = (), **settings: object
) -> Graph:
    scenario = Scenario(files=files, installed=installed, settings=settings, third_party=["vendor"])
    with scenario._project((), migrations, {}) as (project, _, _, root):
        return graph(History(project), changes=True, shown=lambda path: path.removeprefix(f"{root}/"))


ONE, TWO, THREE = (Migration(name=f"000{number}_{letter}") for number, letter in ((1, "a"), (2, "b"), (3, "c")))
SQUASH = Migration(
    name="0001_squashed", dependencies=[], attributes='replaces = [("shop", "0001_a"), ("shop", "0002_b")]'
)


def test_nodes_in_the_order_of_migrate_and_then_what_is_replaced() -> None:
    vendor = Migration(app="vendor", name="0001_initial", dependencies=[], attributes="initial = True")
    found = described(ONE, TWO, THREE, SQUASH, vendor)
    assert list(found.nodes) == [
        ("shop", "0001_squashed"),
        ("shop", "0003_c"),
        ("vendor", "0001_initial"),
        ("shop", "0001_a"),
        ("shop", "0002_b"),
    ]
    squash, last, first = (found.nodes["shop", name] for name in ("0001_squashed", "0003_c", "0001_a"))
    assert squash.replaces == (("shop", "0001_a"), ("shop", "0002_b"))
    assert first.replaced_by == squash.key
    assert (first.parents, squash.parents, last.parents) == ((), (), (squash.key,))
    assert last.dependencies == (Dependency("shop", "0002_b"),)
    assert last.path == "shop/migrations/0003_c.py"
    assert [one.initial for one in (squash, last)] == [True, False]
    assert [found.nodes[key].own for key in (squash.key, ("vendor", "0001_initial"))] == [True, False]
    assert found.leaf_nodes == {"shop": (last.key,), "vendor": (("vendor", "0001_initial"),)}
    assert set(found.installed) == {"shop", "vendor"}


def test_swappable_dependencies_have_the_name_of_their_setting() -> None:
    models = """
    from django.db import models

    class Payment(models.Model):
        class Meta:
            app_label = "shop"
            swappable = "SHOP_PAYMENT_MODEL"
    """
    on_settings = "dependencies = [migrations.swappable_dependency(settings.{})]"
    imports = "from django.conf import settings"
    found = described(
        Migration(app="shop"),
        Migration(app="users", attributes=on_settings.format("AUTH_USER_MODEL"), code=imports),
        Migration(app="pay", attributes=on_settings.format("SHOP_PAYMENT_MODEL"), code=imports),
        Migration(app="other", attributes='dependencies = [migrations.swappable_dependency("shop.X")]'),
        files={"shop/models.py": models},
        installed=("django.contrib.contenttypes", "django.contrib.auth"),
        SHOP_PAYMENT_MODEL="shop.Payment",
    )
    assert found.swappable == {"AUTH_USER_MODEL": "auth.user", "SHOP_PAYMENT_MODEL": "shop.payment"}
    names = {app: found.nodes[app, "0001_initial"].dependencies for app in ("users", "pay", "other")}
    assert names == {
        "users": (Dependency("auth", "__first__", "AUTH_USER_MODEL"),),
        "pay": (Dependency("shop", "__first__", "SHOP_PAYMENT_MODEL"),),
        "other": (Dependency("shop", "__first__", "shop.X"),),
    }


def test_sides_of_a_conflict_begin_where_they_part() -> None:
    after = [("shop", "0002_b")]
    left = Migration(name="0003_left", dependencies=after), Migration(name="0004_left")
    right = Migration(name="0003_right", dependencies=after)
    found = described(ONE, TWO, *left, right, Migration(app="stock", dependencies=[("shop", "0003_right")]))
    assert found.conflict_sides() == {
        "shop": {
            ("shop", "0003_right"): (("shop", "0003_right"),),
            ("shop", "0004_left"): (("shop", "0003_left"), ("shop", "0004_left")),
        }
    }


# What the models have and no migration makes

MODEL = """
from django.db import models

class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
"""
CREATE = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True, serialize=False))])'


def test_models_of_modules_that_only_the_urls_import_have_not_gone() -> None:
    files = {
        "shop/views.py": MODEL.replace(
            "models.Model):", "models.Model):\n    class Meta:\n        app_label = 'shop'\n"
        ),
        "shop/urls.py": "import shop.views\nurlpatterns = []",
    }
    # As `makemigrations` does it: system checks import the URLs.
    assert described(Migration(CREATE), files=files, ROOT_URLCONF="shop.urls").changes == ()
    (change,) = described(Migration(CREATE), files=files).changes or ()
    assert change.operations == ("Delete model Order",)


def test_apps_without_migrations_and_translated_names_are_no_changes() -> None:
    files = {
        "shop/models.py": MODEL + "    class Meta:\n        verbose_name = __import__('django.utils.translation')"
        ".utils.translation.gettext_lazy('Add')\n",
        "plain/__init__.py": "",
        "plain/models.py": MODEL,
    }
    create = CREATE.removesuffix(")") + ', options={"verbose_name": "Add"})'
    options = {"files": files, "installed": ("plain",), "LANGUAGE_CODE": "de"}
    assert described(Migration(create), **options).changes == ()  # type: ignore[arg-type]


def test_a_project_s_own_autodetector_is_asked() -> None:
    command = """
    from django.core.management.commands import makemigrations
    from django.db.migrations.autodetector import MigrationAutodetector

    class Blind(MigrationAutodetector):
        def changes(self, graph, **options):
            return {}

    class Command(makemigrations.Command):
        autodetector = Blind
    """
    folder = "shop/management/commands"
    files = {
        "shop/models.py": MODEL,
        "shop/management/__init__.py": "",
        f"{folder}/__init__.py": "",
        f"{folder}/makemigrations.py": command,
    }
    assert described(Migration(), files=files).changes == ()


COMPARED = """
import io, json, re, sys
from pathlib import Path
from django.core.management import call_command
from migsafe.project.graph import History
from migsafe.project.load import load
from migsafe.project.nodes import graph

found = graph(History(load(Path.cwd())), changes=True, shown=str)
out = io.StringIO()
try:
    call_command("makemigrations", "--check", "--dry-run", "--noinput", stdout=out)
    code = 0
except SystemExit as error:
    code = error.code
said = [line.strip().lstrip("+-~* ") for line in out.getvalue().splitlines() if line.startswith("    ")]
ours = [operation for one in found.changes for operation in one.operations]
print(json.dumps({"code": code, "django": sorted(said), "migsafe": sorted(ours)}))
"""


@pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")
def test_changes_of_the_shop_s_models_are_those_of_makemigrations(tmp_path: Path) -> None:
    folder = shutil.copytree(SHOP, tmp_path / "shop")
    for app, name, old, new in (
        ("orders", "models", "", "\n\nclass Extra(models.Model):\n    pass\n"),
        ("payments", "models", "max_length=", "max_length=1"),
    ):
        models = folder / "shop" / app / f"{name}.py"
        text = models.read_text()
        models.write_text(text.replace(old, new, 1) if old else text + new)
    ran = run_python(folder, COMPARED)
    assert ran.code == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["django"] == said["migsafe"]
    assert len(said["migsafe"]) == 2
    assert said["code"] == 1


ID = '("id", models.BigAutoField(primary_key=True))'
USERS = """
from django.db import models


class User(models.Model):
    class Meta:
        swappable = "AUTH_USER_MODEL"
"""


def test_models_that_migrations_make_and_refer_to() -> None:
    base = Migration(
        f'migrations.CreateModel("Order", [{ID}, ("parent", models.ForeignKey("self", models.CASCADE))])',
        f"""migrations.CreateModel("Line", [
            {ID},
            ("order", models.OneToOneField("Order", models.CASCADE)),
            ("tags", models.ManyToManyField("stock.Tag", through="shop.Tagging")),
            ("text", models.TextField()),
        ], bases=("stock.Base", object))""",
    )
    change = Migration(
        'migrations.AddField("order", "item", models.ForeignKey(to="stock.Item", on_delete=models.CASCADE))',
        'migrations.AlterField("order", "item", models.IntegerField())',
        """migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.SeparateDatabaseAndState(state_operations=[
                    migrations.CreateModel("Gift", [("id", models.BigAutoField(primary_key=True))], bases=("stock.Base",))
                ]),
                migrations.RenameModel("Gift", "Present"),
            ],
            database_operations=[migrations.CreateModel("Hidden", [("id", models.BigAutoField(primary_key=True))])],
        )""",
        """migrations.RunSQL("SELECT 1", state_operations=[
            migrations.AlterField("order", "item", models.ForeignKey("stock.Item", models.CASCADE))
        ])""",
    )
    stock = Migration(app="stock")
    nodes = list(described(base, change, stock).nodes.values())
    first, second = nodes[0], nodes[1]
    assert first.makes == ("shop.order", "shop.line")
    assert first.refers_to == (
        ModelReference("shop.order", "parent"),
        ModelReference("stock.base"),
        ModelReference("shop.order", "order"),
        ModelReference("stock.tag", "tags"),
        ModelReference("shop.tagging", "tags"),
    )
    assert second.makes == ("shop.gift", "shop.present")
    assert second.refers_to == (
        ModelReference("stock.item", "item"),
        ModelReference("stock.base"),
        ModelReference("stock.item", "item"),
    )


def test_references_by_a_setting_and_to_what_is_swapped_out() -> None:
    fields = [
        '("by_setting", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE))',
        '("by_name", models.ForeignKey("accounts.User", models.CASCADE))',
        '("gone", models.ForeignKey("auth.User", models.CASCADE))',
        '("own", models.ForeignKey("accounts.User", models.CASCADE, swappable=False))',
    ]
    orders = Migration(
        f"migrations.CreateModel('Order', [{ID}, {', '.join(fields)}])", code="from django.conf import settings"
    )
    found = described(
        Migration(app="accounts"),
        orders,
        files={"accounts/models.py": USERS},
        installed=("django.contrib.contenttypes", "django.contrib.auth"),
        AUTH_USER_MODEL="accounts.User",
    )
    assert [(one.field, one.label, one.setting) for one in found.nodes["shop", "0001_initial"].refers_to] == [
        ("by_setting", "accounts.user", "AUTH_USER_MODEL"),
        ("by_name", "accounts.user", "AUTH_USER_MODEL"),  # Django cannot tell these two
        ("gone", "auth.user", None),
        ("own", "accounts.user", None),
    ]
    assert found.swapped == {"auth.user": "AUTH_USER_MODEL"}
    assert described(orders, installed=("django.contrib.contenttypes", "django.contrib.auth")).swapped == {}


def test_what_max_migration_files_say() -> None:
    files = {"shop/migrations/max_migration.txt": "0001_a\n", "stock/max_migration.txt": "elsewhere\n"}
    assert described(ONE, Migration(app="stock"), files=files).max_migrations == {"shop": "0001_a\n"}
