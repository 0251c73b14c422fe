"""The scenario runner itself: that it says what ``migsafe lint`` says, and leaves nothing behind."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections

from migsafe.actions import CreateIndex
from migsafe.errors import ConfigError, MigrationImportError
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.testing import Migration, Scenario, ScenarioError, fixed
from tests.projects import run_python

CUSTOMER = 'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])'
ORDER = """
    migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.TextField()),
    ])
"""
INDEX = 'migrations.AddIndex("order", models.Index(fields=["note"], name="note_idx"))'
shop = Scenario(CUSTOMER, ORDER)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_finding_stands_where_the_operation_does() -> None:
    (finding,) = shop.check(INDEX)
    assert finding.message == "Building index note_idx holds SHARE on shop_order until it is done"
    assert (finding.app, finding.migration, finding.path) == ("shop", "0002_change", "shop/migrations/0002_change.py")
    line = Migration(INDEX).source([("shop", "0001_initial")]).splitlines()[finding.line - 1 if finding.line else 0]
    assert line.strip() == f"{INDEX},"


def test_a_fix_in_the_place_of_what_it_fixes() -> None:
    (finding,) = shop.check(INDEX)
    (concurrent,) = fixed(finding)
    assert "AddIndexConcurrently(" in concurrent.source([])
    assert shop.check(concurrent) == ()
    unique = 'migrations.AddField("order", "code", models.CharField(max_length=9, null=True, unique=True))'
    (finding,) = shop.check(unique)
    assert len(fixed(finding)) > 1
    assert shop.check(*fixed(finding)) == ()


def test_apps_depend_on_each_other() -> None:
    scenario = Scenario(Migration(CUSTOMER, app="people"), Migration(ORDER))
    key = 'migrations.AddField("order", "payer", models.ForeignKey("people.Customer", models.PROTECT, null=True))'
    (finding,) = scenario.check(key)
    assert {effect.relation for effect in finding.effects} == {"people_customer", "shop_order"}


def test_migrations_of_a_change_are_on_their_own_unless_together() -> None:
    change = Migration(ORDER.replace("Order", "Parcel")), Migration(INDEX.replace("order", "parcel"))
    assert codes(shop.check(*change)) == ["MS201"]
    assert shop.check(*change, together=True) == ()
    app = Migration(ORDER, app="new"), Migration(INDEX, app="new")
    assert shop.check(*app, together=True) == ()


def test_the_report_says_which_tables_a_change_makes() -> None:
    parcel = ORDER.replace("Order", "Parcel")
    rename = (
        "migrations.RunSQL('ALTER TABLE shop_order RENAME TO gone; CREATE TABLE shop_order (); CREATE TABLE own ()')"
    )
    change = Migration(parcel), Migration(INDEX.replace("order", "parcel")), Migration(rename)

    def made(*, together: bool) -> list[tuple[str, ...]]:
        return [one.made for one in shop.report(*change, together=together).migrations]

    assert made(together=False) == [("shop_parcel",), (), ("own",)]
    assert made(together=True) == [("shop_parcel",), ("shop_parcel",), ("own", "shop_parcel")]


def test_third_party_apps() -> None:
    scenario = Scenario(
        Migration(ORDER, app="vendor"), third_party=["vendor"], installed=["django.contrib.contenttypes"]
    )
    change = Migration(INDEX, app="vendor")
    assert scenario.check(change) == ()
    (finding,) = scenario.check(change, all_apps=True)
    assert finding.path == "site-packages/vendor/migrations/0002_change.py"


def test_python_code_and_models() -> None:
    code = """
        from shop.models import Order

        def fill(apps, schema_editor):
            Order.objects.update(note="")
    """
    scenario = Scenario(
        ORDER,
        files={"shop/models.py": "from django.db import models\nclass Order(models.Model): note = models.TextField()"},
    )
    report = scenario.report("migrations.RunPython(fill, migrations.RunPython.noop)", code=code)
    (operation,) = report.migrations[0].operations
    assert operation.source == 'def fill(apps, schema_editor):\n    Order.objects.update(note="")\n'
    assert "shop" not in apps.all_models


def test_options_and_rules() -> None:
    rule = Rule("acme.no_index", code="ACME1", severity=Severity.ERROR, axis=Axis.LOCKS, message="{relation}", why="")

    @rule.on(CreateIndex)
    def check(action: CreateIndex, context: Context) -> Iterator[Finding]:
        yield rule.finding(context, fix="", relation=action.relation)

    (finding,) = shop.check(INDEX, rules=[rule])
    assert (finding.code, finding.message) == ("ACME1", "shop_order")
    assert shop.check(INDEX, ignore=("MS2",)) == ()
    assert [shop.report(INDEX).postgres, shop.report(INDEX, postgres=12).postgres] == [16, 12]
    ignoring = Scenario(ORDER, files={"migsafe.toml": 'ignore = ["MS201"]\npostgres = 13'})
    assert ignoring.check(INDEX) == ()
    assert ignoring.report(INDEX).postgres == 13
    with pytest.raises(ConfigError, match="MS999"):
        shop.check(INDEX, select=("MS999",))


class Elsewhere:
    def allow_migrate(self, alias: str, app: str, **hints: object) -> bool:
        return app != "elsewhere"


def test_settings() -> None:
    scenario = Scenario(Migration(ORDER, app="elsewhere"), settings={"DATABASE_ROUTERS": [Elsewhere()]})
    assert scenario.check(Migration(INDEX, app="elsewhere")) == ()
    assert codes(scenario.check(Migration(ORDER), Migration(INDEX), together=False)) == ["MS201"]


def test_initial_migrations_are_not_looked_at() -> None:
    created = 'migrations.RunSQL("DROP TABLE shop_order", "")'
    assert Scenario().check(ORDER, created) == ()
    assert Scenario().report(ORDER, created).skipped.initial == 1
    assert len(Scenario().report(ORDER, created, initial=True).migrations) == 1


def test_nothing_is_taken_for_harmless_that_is_not_analysed() -> None:
    wrong = INDEX.replace("order", "odrer")
    with pytest.raises(ScenarioError, match=r"shop/migrations/0002_change.py:\d+: .*odrer"):
        shop.check(wrong)
    assert [one.kind for one in shop.report(wrong).unanalysed] == ["replay"]
    with pytest.raises(ScenarioError, match="0001_initial"):
        Scenario(ORDER, wrong).check(INDEX)
    with pytest.raises(ScenarioError, match=r"migrations/0002_change"):
        shop.check('migrations.RunSQL("FROBNICATE", "")')
    with pytest.raises(MigrationImportError, match=r"0002_change.py fails to import: NameError"):
        shop.check("migrations.RunPython(missing)")
    with pytest.raises(TypeError, match="either"):
        shop.check(INDEX, Migration(INDEX))


def test_nothing_is_left_behind() -> None:
    before = list(sys.path), dict(vars(settings)), dict(vars(connections)), apps.ready
    shop.check(INDEX)
    with pytest.raises(MigrationImportError):
        shop.check("nonsense(")
    assert (list(sys.path), dict(vars(settings)), dict(vars(connections)), apps.ready) == before
    assert "shop" not in sys.modules


def test_beside_a_project_that_is_already_set_up(tmp_path: Path) -> None:
    script = """
    import sys, types
    import django
    from django.conf import settings
    sys.modules["shop"] = types.ModuleType("shop")
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"])
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection
    connection.cursor().execute("CREATE TABLE kept (id)")

    from migsafe.testing import Scenario
    scenario = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
    print([one.code for one in scenario.check('migrations.RunSQL("DROP TABLE shop_order", "")')])

    connection.cursor().execute("SELECT * FROM kept")
    print(connection.vendor, django.apps.apps.get_model("auth.User") is User, sys.modules["shop"].__spec__)
    """
    ran = run_python(tmp_path, script)
    assert ran.stdout.splitlines() == ["['MS401']", "sqlite True None"], ran.stderr
