"""The shop on a real server: refused as it is, and let through deploy by deploy as it is planned."""

import shutil
from pathlib import Path

import django
import pytest
from msgspec.structs import replace

from migsafe.api import plan_project, write_plan_of
from migsafe.gate.schema import as_on_server
from migsafe.project.graph import History
from migsafe.project.live_schema import read_schema
from migsafe.project.replay import Replay
from migsafe.report import text
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server
from migsafe.sql.catalog import Catalog
from migsafe.sql.differences import differences
from tests.gate.live import QUIET, Live, live

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "shop"
APPS = ("common", "users", "customers", "catalog", "orders", "payments")
CONTRIB = ("admin", "auth", "contenttypes", "messages", "postgres", "sessions", "staticfiles")

ROWS = {
    "catalog_product": 12_000,
    "catalog_stockmovement": 48_000_000,
    "customers_customer": 2_100_000,
    "orders_order": 21_000_000,
    "payments_ledgerentry": 65_000_000,
    "payments_payment": 24_000_000,
    "users_user": 2_300_000,
}
REFUSED = {
    "0038_stock_movement_reference_index": ("MS201",),
    "0039_remove_legacy_sku": ("MS103",),
    "0022_fill_lifetime_value": (),
    "0023_unique_customer_email": ("MS303",),
    "0042_order_tracking_number_nullable": (),
    "0043_backfill_order_tracking_number": ("MS913",),
    "0021_ledgerentry_order": ("MS201",),
    "0022_payment_amount_precision": ("MS106",),
    "0013_rename_phone_to_mobile": ("MS104",),
}
ALLOWED = (
    "MS103:catalog.0039_remove_legacy_sku=closed",
    "MS104:users.0013_rename_phone_to_mobile=closed",
)
"""What it says of the pending migrations in their order, and what of that has nothing to do with sizes."""


def as_in_production(one: Live, postgres: int) -> Catalog:
    """Carry out and record all but what is pending there, by the SQL that ``migrate`` would send."""
    pending = {tuple(line.split(".")) for line in (SHOP / "pending.txt").read_text().split()}
    everything = History(one.project)
    replaced = everything.replaced.keys()
    applied = [key for key in (*replaced, *everything.order) if key not in pending]
    history = History(one.project, applied=applied)
    catalog = Catalog()
    for migration in Replay(one.project, history, postgres, wanted=set(applied) & set(history.order)):
        for _, statement in migration.executed():
            one.session.execute(statement.parsed.sql.encode())
        catalog = migration.after
    one.record(*applied)
    return catalog


@pytest.mark.slow
@pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")
def test_the_shop(tmp_path: Path, postgres: Server, database: str) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    installed = (*(f"django.contrib.{name}" for name in CONTRIB), *(f"shop.{name}" for name in APPS))
    config = replace(QUIET, baseline=None)
    settings = {"AUTH_USER_MODEL": "users.User", "ROOT_URLCONF": "config.urls"}
    with live(tmp_path, postgres, database, apps=("shop",), installed=installed, **settings) as one:
        known = as_in_production(one, postgres.version)
        different = differences(known, as_on_server(known, read_schema(one.project)))
        assert [line for line in different if "django_migrations" not in line] == []

        planned = plan_project(
            one.project, config, ["orders.0042"], rules=choose_rules(config), strategies=["nullable"], below=tmp_path
        ).plan
        for deploy in (1, 2):
            planned = write_plan_of(one.project, config, planned, deploy=deploy, force=True, below=tmp_path).plan

        for table, rows in ROWS.items():
            one.session.execute(
                "UPDATE pg_class SET reltuples = %s, relpages = %s / 60 WHERE oid = %s::regclass", [rows, rows, table]
            )
        report = one.gate()
        assert {each.name: each.codes for each in report.pending} == REFUSED
        assert [each.name for each in report.pending] == list(REFUSED)

        status = replace(report.status, database="shop", release="16.4")
        shown, _, _ = text.render(replace(report, status=status)).partition("\n── catalog")
        for page in ("README.md", "docs/gate.md"):
            assert f"$ migsafe gate\n{shown.rstrip()}\n```" in (ROOT / page).read_text(encoding="utf-8")

        # The tables are as good as empty, somebody answers for the rest, and the first deploy is live.
        one.session.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname = ANY(%s)", [[*ROWS]])
        one.session.execute('ALTER TABLE "orders_order" ADD COLUMN "tracking_number" varchar(64) NULL')
        one.record(("orders", "0042_order_tracking_number_nullable"))
        allowed = one.gate(allow=ALLOWED)
        assert allowed.go, allowed.findings
        assert [each.status for each in allowed.approvals] == ["used", "used"]
