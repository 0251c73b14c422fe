import pytest

from migsafe.planning import PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Tag", [("code", models.CharField(primary_key=True, max_length=9))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("phone", models.CharField(max_length=20, db_index=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
    """migrations.CreateModel("Line", [
        ("id", models.BigAutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
    ])""",
)


def sql(report: PlanReport) -> list[str]:
    return [
        statement.sql
        for deploy in report.plan.deploys
        for migration in deploy.migrations
        for statement in migration.statements
    ]


def test_rename_keeps_the_column() -> None:
    report = shop.plan('migrations.RenameField("order", "phone", "mobile")')
    (deploy,) = report.plan.deploys
    (migration,) = deploy.migrations
    assert migration.name == "0002_rename_order_phone_to_mobile"
    assert 'db_column="phone"' in migration.source
    assert 'migrations.RenameField("order", "phone", "mobile")' in migration.source
    assert sql(report) == []
    assert report.remaining == ()
    assert report.plan.unsolved == ()


def test_foreign_key_keeps_the_column() -> None:
    report = shop.plan('migrations.RenameField("line", "order", "purchase")')
    assert 'db_column="order_id"' in report.plan.deploys[0].migrations[0].source
    assert (sql(report), report.remaining) == ([], ())


def test_many_to_many_keeps_the_table() -> None:
    report = shop.plan('migrations.RenameField("order", "tags", "labels")')
    assert 'db_table="shop_order_tags"' in report.plan.deploys[0].migrations[0].source
    assert (sql(report), report.remaining) == ([], ())


def test_primary_key_keeps_the_column() -> None:
    report = shop.plan('migrations.RenameField("tag", "code", "slug")')
    assert 'db_column="code"' in report.plan.deploys[0].migrations[0].source
    # Foreign keys to it have columns that are not called after it.
    assert (sql(report), report.remaining) == ([], ())


ROWS = """
INSERT INTO shop_tag VALUES ('t');
INSERT INTO shop_order (phone) SELECT n FROM generate_series(1, 1200) n;
INSERT INTO shop_line (order_id) SELECT n FROM generate_series(1, 1200) n;
"""


def test_copy_of_a_column(postgres: Server) -> None:
    change = 'migrations.RenameField("order", "phone", "mobile")'
    proved = prove(shop, change, server=postgres, rows=ROWS, strategies=["copy"])
    assert len(proved.plan.deploys) == 3


@pytest.mark.slow
def test_copy_of_a_foreign_key(postgres: Server) -> None:
    prove(shop, 'migrations.RenameField("line", "order", "purchase")', server=postgres, rows=ROWS, strategies=["copy"])


def test_primary_key_is_not_copied() -> None:
    report = shop.plan('migrations.RenameField("tag", "code", "slug")', strategies=["copy"])
    (unsolved,) = report.plan.unsolved
    assert "primary key" in unsolved.why
    assert "--strategy db_column" in unsolved.instead


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["db_column", "copy"])
def test_code_of_both_releases_finds_a_foreign_key(postgres: Server, strategy: str) -> None:
    change = 'migrations.RenameField("line", "order", "purchase")'
    proof = shop.plan(change, strategies=[strategy], verify=True, server=postgres).proof
    assert proof is not None
    assert proof.finished
    assert [error for phase in proof.phases for error in phase.errors] == []
    assert (proof.wrong_rows, proof.schema, proof.not_reversible) == ((), (), ())


def test_table_of_another_schema(postgres: Server) -> None:
    crm = Scenario(
        'migrations.RunSQL("CREATE SCHEMA crm", "DROP SCHEMA crm")',
        """migrations.CreateModel("Party", [
            ("id", models.BigAutoField(primary_key=True)),
            ("vat", models.CharField(max_length=20, db_comment="as printed")),
        ], options={"db_table": 'crm"."party'})""",
    )
    change = 'migrations.RenameField("party", "vat", "tax_id")'
    report = crm.plan(change)
    assert (sql(report), report.remaining, report.plan.unsolved) == ([], (), ())
    proved = prove(crm, change, server=postgres, strategies=["copy"])
    assert len(proved.plan.deploys) == 3
    assert any("COMMENT ON COLUMN" in one for each in proved.sql.values() for one in each)
