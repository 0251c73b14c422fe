"""Indexes and UNIQUE constraints of partitioned tables."""

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.conftest import ends
from tests.plan.proving import prove

events = Scenario(
    """migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL([
            "CREATE TABLE shop_event (id bigint, day date, note varchar(20) NOT NULL, n int, PRIMARY KEY (id, day))"
            " PARTITION BY RANGE (day)",
            "CREATE TABLE shop_event_old PARTITION OF shop_event FOR VALUES FROM (MINVALUE) TO ('2020-01-01')",
            "CREATE TABLE shop_event_new PARTITION OF shop_event FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)"
            " PARTITION BY LIST (id)",
            "CREATE TABLE shop_event_new_one PARTITION OF shop_event_new FOR VALUES IN (1)",
            'CREATE TABLE "Shop event new" PARTITION OF shop_event_new DEFAULT',
            "CREATE INDEX old_already ON shop_event_old (note)",
            "CREATE INDEX event_n ON shop_event (n)",
        ], "DROP TABLE shop_event")],
        state_operations=[migrations.CreateModel("Event", [
            ("id", models.BigIntegerField(primary_key=True)),
            ("day", models.DateField()),
            ("note", models.CharField(max_length=20)),
            ("n", models.IntegerField(null=True)),
        ], options={"indexes": [models.Index(fields=["n"], name="event_n")]})],
    )"""
)
ROWS = "INSERT INTO shop_event SELECT n, '2019-12-30'::date + n, n, n FROM generate_series(1, 9) n"


@ends
def test_partitions_are_indexed_one_by_one(postgres: Server) -> None:
    proved = prove(
        events,
        'migrations.AlterField("event", "note", models.CharField(max_length=20, db_index=True))',
        """migrations.AddIndex("event", models.Index(
            models.functions.Upper("note"), F("n").desc(), condition=Q(n__gt=1), name="event_upper"
        ))""",
        'migrations.RemoveIndex("event", "event_n")',
        server=postgres,
        rows=ROWS,
    )
    assert [one.removeprefix("SET LOCAL lock_timeout = '2s'; ") for one in proved.sql["0005_event_upper"]] == [
        'CREATE INDEX IF NOT EXISTS "event_upper" ON ONLY "shop_event" ((upper(note)), "n" DESC) WHERE n > 1',
        'CREATE INDEX IF NOT EXISTS "shop_event_new_upper_n_idx" ON ONLY "shop_event_new"'
        ' ((upper(note)), "n" DESC) WHERE n > 1',
        'ALTER INDEX "shop_event_new_upper_n_idx" ATTACH PARTITION "shop_event_new_one_upper_n_idx"',
        'ALTER INDEX "shop_event_new_upper_n_idx" ATTACH PARTITION "Shop event new_upper_n_idx"',
        'ALTER INDEX "event_upper" ATTACH PARTITION "shop_event_old_upper_n_idx"',
        'ALTER INDEX "event_upper" ATTACH PARTITION "shop_event_new_upper_n_idx"',
    ]


@ends
def test_constraints_of_partitions_become_that_of_the_table(postgres: Server) -> None:
    unique = 'models.UniqueConstraint(fields=["note", "day", "id"], name="u", deferrable=models.Deferrable.DEFERRED)'
    prove(events, f'migrations.AddConstraint("event", {unique})', server=postgres, rows=ROWS)
