from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from migsafe.written.call import hinted
from tests.plan.proving import prove

ORDER = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("number", models.IntegerField(null=True)),
])"""
ROWS = "INSERT INTO shop_order (number) SELECT n FROM generate_series(1, 2500) n"


class ByModel:
    """Has a place for models only: SQL that is about none goes nowhere."""

    def allow_migrate(self, alias: str, app: str, model_name: str | None = None, **hints: object) -> bool:
        return app != "shop" or model_name == "order"


routed = Scenario(ORDER, settings={"DATABASE_ROUTERS": [ByModel()]})


def test_routers_are_told_the_model(postgres: Server) -> None:
    change = """migrations.AlterField("order", "number", models.IntegerField(default=1))"""
    proved = prove(routed, change, server=postgres, rows=ROWS)
    sources = "".join(step.source for deploy in proved.plan.deploys for step in deploy.migrations)
    assert (
        sum(map(sources.count, ("migrations.RunSQL(", "migrations.RunPython(")))
        == sources.count('hints={"model_name": "order"}')
        > 1
    )
    plain = Scenario(ORDER).plan(change).plan
    assert not any("hints" in step.source for deploy in plain.deploys for step in deploy.migrations)


def test_hints_of_the_author_are_kept(postgres: Server) -> None:
    change = """migrations.RunSQL(
        ["CREATE INDEX number_idx ON shop_order (number)", "ALTER TABLE shop_order ADD CHECK (number > 0)"],
        migrations.RunSQL.noop,
        hints={"model_name": "order", "reason": 1},
    )"""
    plan = routed.plan(change).plan
    sources = [step.source for deploy in plan.deploys for step in deploy.migrations]
    assert len(sources) > 1
    for source in sources:
        runs = source.count("migrations.RunSQL(")
        assert runs == source.count('"reason": 1') + source.count("'reason': 1") > 0, source


def test_where_hints_are_written() -> None:
    assert hinted("RunSQL('a', 'b')", "{}") == "RunSQL('a', 'b', hints={})"
    assert hinted("RunSQL('a', hints={1: 2})", "{}") == "RunSQL('a', hints={1: 2})"
    assert hinted("m.RunPython(f, g, True, {1: 2})", "{}") == "m.RunPython(f, g, True, {1: 2})"
    both = (
        "S(\n    [\n        m.RunSQL(\n            'é',\n        ),\n        m.RunSQL('b'), m.RunSQL('c'),\n    ],\n)"
    )
    assert hinted(both, "{}") == (
        "S(\n    [\n        m.RunSQL(\n            'é',\n            hints={},\n        ),\n"
        "        m.RunSQL('b', hints={}), m.RunSQL('c', hints={}),\n    ],\n)"
    )
