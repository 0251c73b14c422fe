"""MS716 to MS719: dependencies between apps, and what Django makes of wrong ones."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.exceptions import CircularDependencyError, InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from migsafe.applied import Key, Past
from migsafe.model import Severity
from migsafe.rules import circular_apps, depends_on_latest, missing_app_dependency, swappable_dependency
from migsafe.testing import Migration, Scenario
from tests.rules.history import found

ID = '("id", models.BigAutoField(primary_key=True))'
USER_MODEL = """
from django.db import models


class User(models.Model):
    class Meta:
        swappable = "AUTH_USER_MODEL"
"""
USER = Scenario(
    installed=["django.contrib.contenttypes", "django.contrib.auth"],
    settings={"AUTH_USER_MODEL": "accounts.User"},
    files={"accounts/models.py": USER_MODEL},
)
DEFAULT_USER = Scenario(installed=["django.contrib.contenttypes", "django.contrib.auth"])
SETTINGS = "from django.conf import settings"


def model(name: str, *fields: str, options: str = "") -> str:
    return f'migrations.CreateModel("{name}", [{", ".join((ID, *fields))}]{options})'


def key(to: str, name: str = "other") -> str:
    return f'("{name}", models.ForeignKey("{to}", models.CASCADE))'


def one(
    app: str,
    *operations: str,
    name: str = "0001_initial",
    after: tuple[Key, ...] = (),
    code: str = "",
    attributes: str = "",
) -> Migration:
    return Migration(*operations, app=app, name=name, dependencies=after, code=code, attributes=attributes)


@contextmanager
def loaded(
    *migrations: Migration, scenario: Scenario | None = None, connection: DatabaseWrapper | None = None
) -> Iterator[None]:
    """A project with these migrations, for Django itself."""
    with (scenario or Scenario())._project((), migrations, {}):
        if connection:
            connections["default"] = connection
        yield


@contextmanager
def sqlite() -> Iterator[DatabaseWrapper]:
    """A database that is enough for what Django says of the order of migrations."""
    with loaded(one("shop")):
        connection = DatabaseWrapper({**connections["default"].settings_dict, "NAME": ":memory:", "OPTIONS": {}})
    try:
        yield connection
    finally:
        BaseDatabaseWrapper.close(connection)  # SQLite's own keeps what is in memory


# MS716

SHOP, STOCK = (
    one("shop", model("Order")),
    one("stock", model("Item", key("shop.Order")), after=(("shop", "0001_initial"),)),
)
CLOSES = one(
    "shop",
    'migrations.AddField("order", "item", models.ForeignKey("stock.Item", models.CASCADE, null=True))',
    name="0002_item",
    after=(("shop", "0001_initial"), ("stock", "0001_initial")),
)


def test_apps_in_a_circle_are_one_finding_at_the_migration_that_closed_it() -> None:
    third = one("shop", name="0003_more", after=(("shop", "0002_item"), ("stock", "0001_initial")))
    (finding,) = found(circular_apps.rule, SHOP, STOCK, CLOSES, third)
    assert (finding.app, finding.migration, finding.severity) == ("shop", "0002_item", Severity.INFO)
    assert finding.message == (
        "Apps shop and stock depend on each other: shop.0002_item depends on stock.0001_initial, and stock.0001_initial"
        " depends on shop.0001_initial"
    )
    assert finding.why.startswith("The whole history of shop cannot be squashed")
    assert "squashmigrations" not in finding.fix  # there is only one before
    assert "put what it needs of stock into a migration of stock" in finding.fix
    applied = Past(ref="main", applied={("shop", name): {"git": None} for name in ("0001_initial", "0002_item")})
    (finding,) = found(circular_apps.rule, SHOP, STOCK, CLOSES, third, past=applied)
    assert finding.fix.startswith("It is applied: leave it.")
    assert found(circular_apps.rule, SHOP, STOCK, CLOSES, third, looked_at=[("shop", "0003_more")]) == ()
    assert found(circular_apps.rule, SHOP, STOCK) == ()


def test_what_can_still_be_squashed_is_named() -> None:
    second = one("shop", model("Gift"), name="0002_gift", after=(("shop", "0001_initial"),))
    closes = one("shop", name="0003_item", after=(("shop", "0002_gift"), ("stock", "0001_initial")))
    (finding,) = found(circular_apps.rule, SHOP, STOCK, second, closes)
    assert "python manage.py squashmigrations shop 0002_gift\n" in finding.fix
    third = one("shop", name="0003_more", after=(("shop", "0002_gift"),))
    closes = one("shop", name="0004_item", after=(("shop", "0003_more"), ("stock", "0001_initial")))
    (finding,) = found(circular_apps.rule, SHOP, STOCK, second, squash("shop", "0002_gift", ()), third, closes)
    assert "squashmigrations" not in finding.fix  # Django: "You cannot squash squashed migrations!"


def test_a_circle_with_another_teams_app_is_not_for_us() -> None:
    assert found(circular_apps.rule, SHOP, STOCK, CLOSES, scenario=Scenario(third_party=["stock"])) == ()


def squash(app: str, last: str, after: tuple[Key, ...]) -> Migration:
    replaces = f'replaces = [("{app}", "0001_initial"), ("{app}", "{last}")]'
    return one(app, name="0001_squashed_0002", after=after, attributes=replaces)


def test_django_refuses_the_squash_of_an_app_whose_migrations_come_back_to_it() -> None:
    with (
        loaded(SHOP, STOCK, CLOSES, squash("shop", "0002_item", (("stock", "0001_initial"),))),
        pytest.raises(CircularDependencyError),
    ):
        MigrationLoader(None)


def test_apps_that_cross_once_can_be_squashed_one_at_a_time() -> None:
    crossed = (
        one("shop", model("Order")),
        one("stock", model("Item")),
        one("shop", name="0002_item", after=(("shop", "0001_initial"), ("stock", "0001_initial"))),
        one("stock", name="0002_order", after=(("stock", "0001_initial"), ("shop", "0001_initial"))),
    )
    (finding,) = found(circular_apps.rule, *crossed)
    assert finding.why.startswith("The whole history of all of shop and stock cannot be squashed")
    shop = squash("shop", "0002_item", (("stock", "0001_initial"),))
    stock = squash("stock", "0002_order", (("shop", "0001_initial"),))
    with loaded(*crossed, shop):
        MigrationLoader(None)
    with loaded(*crossed, shop, stock), pytest.raises(CircularDependencyError):
        MigrationLoader(None)


# MS717

LATEST = one("shop", model("Order"), after=(("stock", "__latest__"),))
ITEM = one("stock", model("Item"))


def test_a_dependency_on_the_latest_is_reported_with_what_that_is_today() -> None:
    (finding,) = found(depends_on_latest.rule, ITEM, LATEST)
    assert (finding.app, finding.migration) == ("shop", "0001_initial")
    assert finding.message == "Depends on the last migration of stock, whichever that is: today 0001_initial"
    assert '("stock", "0001_initial"),' in finding.fix
    assert found(depends_on_latest.rule, ITEM, LATEST, scenario=Scenario(third_party=["stock"]))
    named = (one("shop", model("Order"), after=(("stock", "__first__"),)), ITEM)
    assert found(depends_on_latest.rule, *named) == ()
    assert found(depends_on_latest.rule, ITEM, LATEST, looked_at=[("stock", "0001_initial")]) == ()


def test_the_next_migration_of_the_other_app_makes_django_refuse_to_migrate() -> None:
    with sqlite() as connection:
        with loaded(ITEM, LATEST, connection=connection):
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
            MigrationLoader(connection).check_consistent_history(connection)
        later = one("stock", name="0002_more", after=(("stock", "0001_initial"),))
        with loaded(ITEM, later, LATEST, connection=connection), pytest.raises(InconsistentMigrationHistory) as caught:
            MigrationLoader(connection).check_consistent_history(connection)
    assert "shop.0001_initial is applied before its dependency stock.0002_more" in str(caught.value)


# MS718

LUCKY = one("stock", model("Item", key("shop.Order")))


def test_a_model_of_another_app_needs_the_migration_that_makes_it() -> None:
    (finding,) = found(missing_app_dependency.rule, SHOP, LUCKY)
    assert (finding.app, finding.migration, finding.severity) == ("stock", "0001_initial", Severity.ERROR)
    assert finding.message == (
        "Field other refers to shop.order, which shop.0001_initial makes, but the migration does not depend on that"
    )
    assert '    ("shop", "0001_initial"),' in finding.fix
    assert found(missing_app_dependency.rule, SHOP, STOCK) == ()
    assert found(missing_app_dependency.rule, SHOP, LUCKY, scenario=Scenario(third_party=["stock"])) == ()


def test_django_cannot_resolve_the_model_in_another_order() -> None:
    with sqlite() as connection, loaded(SHOP, LUCKY, connection=connection):
        executor = MigrationExecutor(connection)
        with pytest.raises(
            ValueError, match=r"Related model 'shop\.order' cannot be resolved|lazy reference to 'shop\.order'"
        ):
            executor.migrate([("stock", "0001_initial")])
    with sqlite() as connection, loaded(SHOP, STOCK, connection=connection):
        MigrationExecutor(connection).migrate([("stock", "0001_initial")])


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (model("Item", options=', bases=("shop.order",)'), "A base class is shop.order"),
        (model("Item", '("o", models.ManyToManyField("shop.Order"))'), "Field o refers to shop.order"),
        (model("Item", '("o", models.ManyToManyField("self", through="shop.Order"))'), "Field o refers to shop.order"),
        (model("Item", key("shop.Order", "a"), key("shop.ORDER", "b")), "Fields a and b refer to shop.order"),
        (
            f"migrations.SeparateDatabaseAndState(state_operations=[{model('Item', key('shop.Order'))}])",
            "Field other refers to shop.order",
        ),
        (f'migrations.RunSQL("SELECT 1", state_operations=[{model("Item", key("shop.Order"))}])', "Field other refers"),
    ],
)
def test_all_that_refers_to_a_model_counts(operation: str, said: str) -> None:
    (finding,) = found(missing_app_dependency.rule, SHOP, one("stock", operation))
    assert finding.message.startswith(said)


def test_fields_that_are_added_and_altered_count() -> None:
    field = 'migrations.{}("item", "o", models.ForeignKey("shop.Order", models.CASCADE, null=True))'
    item = one("stock", model("Item", '("o", models.IntegerField(null=True))'))
    for number, kind in enumerate(("AddField", "AlterField")):
        base = item if number else one("stock", model("Item"))
        change = one("stock", field.format(kind), name="0002_order", after=(("stock", "0001_initial"),))
        (finding,) = found(missing_app_dependency.rule, SHOP, base, change)
        assert finding.migration == "0002_order"


def test_the_migration_that_gives_a_model_its_name_makes_it() -> None:
    renamed = one(
        "shop", 'migrations.RenameModel("Order", "Sale")', name="0002_sale", after=(("shop", "0001_initial"),)
    )
    early = one("stock", model("Item", key("shop.Sale")), after=(("shop", "0001_initial"),))
    (finding,) = found(missing_app_dependency.rule, SHOP, renamed, early)
    assert '("shop", "0002_sale")' in finding.fix
    late = one("stock", model("Item", key("shop.Sale")), after=(("shop", "0002_sale"),))
    assert found(missing_app_dependency.rule, SHOP, renamed, late) == ()
    assert found(missing_app_dependency.rule, SHOP, renamed, STOCK) == ()  # the old name, before it is renamed


def test_a_dependency_on_the_first_migration_may_not_be_enough() -> None:
    second = one("shop", model("Gift"), name="0002_gift", after=(("shop", "0001_initial"),))
    first = one("stock", model("Item", key("shop.Gift")), after=(("shop", "__first__"),))
    (finding,) = found(missing_app_dependency.rule, SHOP, second, first)
    assert finding.message.endswith("but the migration depends on the first migration of that app only")
    assert (
        found(
            missing_app_dependency.rule,
            SHOP,
            one("stock", model("Item", key("shop.Order")), after=(("shop", "__first__"),)),
        )
        == ()
    )


def test_a_model_that_comes_later_for_certain_is_never_there() -> None:
    after = one("shop", model("Order"), after=(("stock", "0001_initial"),))
    (finding,) = found(missing_app_dependency.rule, after, LUCKY)
    assert finding.message.endswith("but the migration comes before that")
    assert "fails on every empty database" in finding.why
    assert "dependencies" not in finding.fix


def test_a_way_through_a_third_app_or_a_squash_is_a_way() -> None:
    between = one("billing", after=(("shop", "0001_initial"),))
    through = one("stock", model("Item", key("shop.Order")), after=(("billing", "0001_initial"),))
    assert found(missing_app_dependency.rule, SHOP, between, through) == ()
    squashed = one(
        "shop",
        model("Order"),
        name="0001_squashed_0002",
        attributes='replaces = [("shop", "0001_initial"), ("shop", "0002_item")]',
    )
    second = one("shop", name="0002_item", after=(("shop", "0001_initial"),))
    assert found(missing_app_dependency.rule, SHOP, second, squashed, STOCK) == ()


def test_models_that_no_migration_makes_are_there_or_unknown() -> None:
    by_state = one("shop", f"migrations.SeparateDatabaseAndState(state_operations=[{model('Order')}])")
    assert found(missing_app_dependency.rule, by_state, STOCK) == ()
    (finding,) = found(missing_app_dependency.rule, by_state, LUCKY)
    assert '("shop", "0001_initial")' in finding.fix
    assert found(missing_app_dependency.rule, one("shop", "Make()", code=MAKE), LUCKY) == ()
    # An app without migrations: its tables are made before all migrations (migrate --run-syncdb).
    plain = Scenario(installed=["plain"], files={"plain/__init__.py": "", "plain/models.py": PLAIN})
    assert found(missing_app_dependency.rule, one("stock", model("Item", key("plain.Thing"))), scenario=plain) == ()


PLAIN = """
from django.db import models


class Thing(models.Model):
    pass
"""
MAKE = """
from django.db.migrations.operations.base import Operation


class Make(Operation):
    def state_forwards(self, app_label, state):
        state.add_model(migrations.state.ModelState(app_label, "Order", [("id", models.BigAutoField(primary_key=True))]))

    def database_forwards(self, *args):
        pass
"""


# MS719

ACCOUNTS = one("accounts", model("User", options=', options={"swappable": "AUTH_USER_MODEL"}'))
OWNED = '("owner", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE))'


def owned(*after: str, field: str = OWNED) -> Migration:
    dependencies = f"dependencies = [{', '.join(after)}]"
    return one("shop", model("Order", field), code=SETTINGS, attributes=dependencies)


def test_a_swappable_model_needs_a_dependency_on_what_makes_it() -> None:
    (finding,) = found(swappable_dependency.rule, ACCOUNTS, owned(), scenario=USER)
    assert (finding.app, finding.migration, finding.severity) == ("shop", "0001_initial", Severity.ERROR)
    assert finding.message == (
        "Refers to accounts.user (AUTH_USER_MODEL), which accounts.0001_initial makes, but does not depend on that"
    )
    assert "migrations.swappable_dependency(settings.AUTH_USER_MODEL)," in finding.fix
    assert found(missing_app_dependency.rule, ACCOUNTS, owned(), scenario=USER) == ()  # said once
    (wrong,) = found(swappable_dependency.rule, ACCOUNTS, owned('("auth", "0001_initial")'), scenario=USER)
    assert wrong.severity is Severity.ERROR


@pytest.mark.parametrize(
    "migration",
    [
        owned("migrations.swappable_dependency(settings.AUTH_USER_MODEL)"),
        owned('("accounts", "0001_initial")'),
        owned('("accounts", "0001_initial")', field=key("accounts.User")),
    ],
)
def test_a_project_may_name_its_own_user_model(migration: Migration) -> None:
    assert found(swappable_dependency.rule, ACCOUNTS, migration, scenario=USER) == ()


def test_a_user_model_of_a_later_migration_is_not_reached_by_the_dependency() -> None:
    first = one("accounts", model("Team"))
    second = one("accounts", *ACCOUNTS.operations, name="0002_user", after=(("accounts", "0001_initial"),))
    order = owned("migrations.swappable_dependency(settings.AUTH_USER_MODEL)")
    (finding,) = found(swappable_dependency.rule, first, second, order, scenario=USER)
    assert finding.message == (
        "Refers to accounts.user (AUTH_USER_MODEL), which accounts.0002_user makes, but only depends on the first"
        " migration of accounts"
    )


def test_a_model_that_is_swapped_out_has_no_table() -> None:
    wrong = owned('("auth", "0001_initial")', field=key("auth.User", "owner"))
    (finding,) = found(swappable_dependency.rule, ACCOUNTS, wrong, scenario=USER)
    assert finding.message == "Field owner refers to auth.user, which accounts.user has replaced (AUTH_USER_MODEL)"
    with sqlite() as connection, loaded(ACCOUNTS, scenario=USER, connection=connection):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        assert {"accounts_user", "auth_group"} < set(connection.introspection.table_names())
        assert "auth_user" not in connection.introspection.table_names()


def test_a_hard_coded_dependency_holds_until_the_model_is_swapped() -> None:
    (finding,) = found(swappable_dependency.rule, owned('("auth", "0001_initial")'), scenario=DEFAULT_USER)
    assert finding.severity is Severity.INFO
    assert finding.message == "Refers to what AUTH_USER_MODEL names, but depends on auth.0001_initial whatever that is"
    right = owned("migrations.swappable_dependency(settings.AUTH_USER_MODEL)")
    assert found(swappable_dependency.rule, right, scenario=DEFAULT_USER) == ()
    gift = one("shop", model("Gift", OWNED), name="0002_gift", after=(("shop", "0001_initial"),), code=SETTINGS)
    assert found(swappable_dependency.rule, right, gift, scenario=DEFAULT_USER) == ()
