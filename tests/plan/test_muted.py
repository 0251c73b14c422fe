"""What a team has accepted of a migration is accepted of what takes its place."""

from migsafe.testing import Scenario

ORDERS = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)), ("email", models.TextField()), ("note", models.TextField(null=True))
])"""
INDEX = 'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))'
NARROW = 'migrations.AlterField("order", "note", models.CharField(max_length=9, null=True))'


def test_what_is_ignored_by_the_name_of_the_original() -> None:
    ignored = 'postgres = 16\n[per-migration-ignores."shop.0002_change"]\n'
    quiet = Scenario(ORDERS, files={"migsafe.toml": f"{ignored}MS106 = 'forty rows'\nMS112 = 'forty rows'\n"})
    plan = quiet.plan(INDEX, NARROW)
    assert {one.finding.code for one in plan.suppressed} == {"MS106", "MS112"}
    assert plan.plan.unsolved == ()
    assert plan.remaining == ()
    first, *_ = plan.plan.deploys[0].migrations
    assert "AddIndexConcurrently" in first.source
    assert any("AlterField" in step.source and step.original for step in plan.plan.deploys[0].migrations)
