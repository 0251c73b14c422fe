"""MS401 to MS416: tables, their partitions, triggers and policies, materialized views, domains and enums."""

import pytest

from migsafe.model import Axis, Severity
from tests.rules.harness import Migrations, Op, codes, flat


def sql(text: str, *in_models: str) -> Op:
    return Op("RunSQL", text, in_models=in_models)


# MS401


def test_view_of_a_model_dropped(shop: Migrations) -> None:
    shop.check(sql("CREATE VIEW paid AS SELECT id FROM \"order\" WHERE status = 'paid'"))
    (finding,) = shop.check(sql("DROP VIEW paid", "paid"))
    assert finding.code == "MS401"
    assert finding.message == "Dropping view paid breaks code that is still running and uses it"


def test_quiet_about_a_view_that_stands_in_for_a_table_in_another_schema(shop: Migrations) -> None:
    shop.check(sql('CREATE SCHEMA sales; CREATE TABLE sales.paid (); CREATE VIEW paid AS SELECT id FROM "order"'))
    assert shop.check(sql("DROP VIEW paid", "paid")) == ()


def test_quiet_about_a_view_that_is_made_again_or_that_no_model_has(shop: Migrations) -> None:
    shop.check(sql('CREATE VIEW paid AS SELECT id FROM "order"'))
    assert shop.check(sql('DROP VIEW paid; CREATE VIEW paid AS SELECT id, note FROM "order"', "paid")) == ()
    assert shop.check(sql("DROP VIEW paid")) == ()


SCHEMA = "CREATE SCHEMA sales; CREATE TABLE sales.invoice (id bigint); CREATE TABLE sales.audit (id bigint)"


def test_tables_dropped_with_their_schema(shop: Migrations) -> None:
    shop.check(sql(SCHEMA))
    (finding,) = shop.check(sql("DROP SCHEMA sales CASCADE", "invoice"))
    assert finding.code == "MS401"
    assert finding.message == "Dropping table sales.invoice breaks code that is still running and uses it"


def test_quiet_about_a_schema_without_tables_of_models(shop: Migrations) -> None:
    shop.check(sql(SCHEMA))
    assert shop.check(sql("DROP SCHEMA sales CASCADE")) == ()


# MS402


def test_table_renamed_by_its_option(shop: Migrations) -> None:
    shop.check(sql("CREATE TABLE order_tags (id bigint)"))
    text = 'ALTER TABLE "order" RENAME TO purchase; ALTER TABLE order_tags RENAME TO purchase_tags'
    code = 'migrations.AlterModelTable(name="order", table="purchase")'
    (finding,) = shop.check(Op("AlterModelTable", text, code=code, in_models=("order", "order_tags")))
    assert (finding.code, finding.axis, finding.severity) == ("MS402", Axis.COMPATIBILITY, Severity.ERROR)
    assert finding.message == "Renaming table order to purchase breaks code that is still running and asks for order"
    assert 'CREATE VIEW "order" AS SELECT * FROM "purchase"' in finding.fix
    assert 'CREATE VIEW "order_tags"' in finding.fix
    assert f"state_operations=[\n            {code}" in finding.fix


def test_table_renamed_by_sql(shop: Migrations) -> None:
    (finding,) = shop.check(sql('ALTER TABLE "order" RENAME TO purchase', "order"))
    assert 'migrations.AlterModelTable(name="order", table="purchase")' in finding.fix


@pytest.mark.parametrize(
    "text",
    [
        'ALTER TABLE "order" RENAME TO purchase; CREATE VIEW "order" AS SELECT * FROM purchase',
        'CREATE TABLE next (id bigint); ALTER TABLE "order" RENAME TO old; ALTER TABLE next RENAME TO "order"',
    ],
)
def test_quiet_when_something_of_the_old_name_takes_its_place(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text, "order")) == ()


def test_quiet_when_no_model_has_the_table(shop: Migrations) -> None:
    assert shop.check(sql('ALTER TABLE "order" RENAME TO purchase')) == ()


# MS403


def test_table_moved_to_another_schema(shop: Migrations) -> None:
    shop.check(sql("CREATE SCHEMA sales"))
    (finding,) = shop.check(sql('ALTER TABLE "order" SET SCHEMA sales', "order"))
    assert (finding.code, finding.axis) == ("MS403", Axis.COMPATIBILITY)
    assert finding.message == (
        "Moving order to schema sales breaks code that is still running and looks for it in public"
    )
    assert 'CREATE VIEW "public"."order" AS SELECT * FROM "sales"."order"' in finding.fix.replace("\n            ", " ")


def test_table_moved_with_its_schema(shop: Migrations) -> None:
    shop.check(sql(SCHEMA))
    (finding,) = shop.check(sql("ALTER SCHEMA sales RENAME TO trade", "invoice"))
    assert finding.code == "MS403"
    assert finding.message.startswith("Moving sales.invoice to schema trade breaks code")


def test_view_moved_to_another_schema(shop: Migrations) -> None:
    shop.check(sql('CREATE SCHEMA sales; CREATE VIEW paid AS SELECT id FROM "order"'))
    assert codes(shop.check(sql("ALTER VIEW paid SET SCHEMA sales", "paid"))) == ["MS403"]


@pytest.mark.parametrize("text", ["", '; CREATE VIEW "order" AS SELECT * FROM sales."order"'])
def test_quiet_when_no_model_has_it_or_a_view_stays_behind(shop: Migrations, text: str) -> None:
    shop.check(sql("CREATE SCHEMA sales"))
    assert shop.check(sql(f'ALTER TABLE "order" SET SCHEMA sales{text}', *(["order"] if text else []))) == ()


# MS404


def test_table_emptied(shop: Migrations) -> None:
    (finding,) = shop.check(sql('TRUNCATE "order"', "order"))
    assert (finding.code, finding.axis, finding.severity) == ("MS404", Axis.DATA, Severity.WARNING)
    assert finding.message == (
        "TRUNCATE empties order, which running code uses, and locks out its readers until the end"
    )
    assert 'DELETE FROM "order"' in finding.fix


def test_tables_emptied_by_cascade_are_named(shop: Migrations) -> None:
    shop.check(sql('CREATE TABLE item (order_id bigint REFERENCES "order"); CREATE TABLE imported (id bigint)'))
    (finding,) = shop.check(sql('TRUNCATE imported, "order" CASCADE', "order", "imported"))[:1]
    assert finding.severity is Severity.ERROR
    assert "empties imported and, by CASCADE, item" in finding.message


@pytest.mark.parametrize("text", ['TRUNCATE "order"', 'TRUNCATE "order" CASCADE', "CREATE TABLE a (b int); TRUNCATE a"])
def test_quiet_when_no_model_has_what_is_emptied(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text, "a")) == ()


# MS405


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('CLUSTER "order" USING order_status_idx', "CLUSTER"),
        ('ALTER TABLE "order" SET UNLOGGED', "SET UNLOGGED"),
        ('ALTER TABLE "order" SET TABLESPACE fast', "SET TABLESPACE"),
        ('ALTER TABLE "order" SET ACCESS METHOD columnar', "SET ACCESS METHOD"),
    ],
)
def test_table_written_anew(shop: Migrations, text: str, command: str) -> None:
    (finding,) = shop.check(sql(text))
    assert (finding.code, finding.severity) == ("MS405", Severity.ERROR)
    assert finding.message == f"{command} writes all of order anew under ACCESS EXCLUSIVE"


def test_full_vacuum_outside_a_transaction(shop: Migrations) -> None:
    (finding,) = shop.check(sql('VACUUM FULL "order"'), atomic=False)
    assert finding.message == "VACUUM FULL writes all of order anew under ACCESS EXCLUSIVE"
    assert 'VACUUM "order"' in finding.fix


def test_all_tables_of_a_tablespace(shop: Migrations) -> None:
    shop.check(sql('ALTER TABLE "order" SET TABLESPACE fast'))
    (finding,) = shop.check(sql("ALTER TABLE ALL IN TABLESPACE fast SET TABLESPACE pg_default"))
    assert "Moving every table of tablespace fast writes all of order anew" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b int); ALTER TABLE a SET UNLOGGED; ALTER TABLE a SET TABLESPACE fast",
        'ALTER TABLE "order" CLUSTER ON order_status_idx',
        'ALTER TABLE "order" SET (fillfactor = 70)',
        'ALTER TABLE "order" SET LOGGED',
    ],
)
def test_quiet_when_nothing_in_use_is_written_anew(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text)) == ()


def test_plain_vacuum_is_quiet(shop: Migrations) -> None:
    assert shop.check(sql('VACUUM "order"'), atomic=False) == ()


# MS406


def test_table_locked_by_hand(shop: Migrations) -> None:
    (finding,) = shop.check(sql('LOCK TABLE "order"'))
    assert (finding.code, finding.severity) == ("MS406", Severity.WARNING)
    assert finding.message == "LOCK TABLE holds ACCESS EXCLUSIVE on order until the migration ends"
    assert finding.why == (
        "From this statement to the end of the transaction every request that touches order waits, however long the"
        " rest of it takes."
    )


def test_weaker_than_what_comes_later_is_no_finding_stronger_is(shop: Migrations) -> None:
    trigger = 'CREATE TRIGGER t BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION f()'
    assert codes(shop.check(sql(f'LOCK TABLE "order"; {trigger}'))) == ["MS406"]
    share = sql(f'LOCK TABLE "order" IN SHARE MODE; {trigger.replace("TRIGGER t", "TRIGGER t2")}')
    assert codes(shop.check(share)) == []


@pytest.mark.parametrize(
    "text",
    [
        'LOCK TABLE "order"; ALTER TABLE "order" ADD COLUMN a int',
        'LOCK TABLE "order" IN SHARE UPDATE EXCLUSIVE MODE',
        "CREATE TABLE a (b int); LOCK TABLE a",
    ],
)
def test_quiet_when_the_lock_is_taken_anyway_or_stops_nobody(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text)) == ()


# MS407, MS408, MS409

PARTITIONED = """
CREATE TABLE event (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE event_2026 (id bigint, day date NOT NULL);
"""
ATTACH = "ALTER TABLE event ATTACH PARTITION event_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
DEFAULT = "CREATE TABLE event_rest PARTITION OF event DEFAULT"


@pytest.fixture
def events(shop: Migrations) -> Migrations:
    shop.check(sql(PARTITIONED))
    return shop


def test_partition_attached(events: Migrations) -> None:
    (finding,) = events.check(sql(ATTACH))
    assert (finding.code, finding.severity) == ("MS407", Severity.ERROR)
    assert finding.message == (
        "Attaching partition event_2026 to event reads every row of event_2026 under ACCESS EXCLUSIVE"
    )
    assert '"day" IS NOT NULL AND "day" >= \'2026-01-01\' AND' in flat(finding.fix)


def test_partition_attached_beside_a_default_partition(events: Migrations) -> None:
    events.check(sql(DEFAULT))
    (finding,) = events.check(
        sql(f"CREATE TABLE event_2027 (LIKE event); {ATTACH.replace('event_2026', 'event_2027')}")
    )
    assert "reads every row of event_rest" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        f"ALTER TABLE event_2026 ADD CHECK (day >= '2026-01-01' AND day < '2027-01-01') NOT VALID; {ATTACH}",
        f"CREATE TABLE event_2027 (LIKE event); {ATTACH.replace('event_2026', 'event_2027')}",
    ],
)
def test_quiet_about_a_partition_that_is_new_or_proven(events: Migrations, text: str) -> None:
    first, _, second = text.rpartition("; ")
    if "NOT VALID" in first:
        events.check(sql(first.replace("ADD CHECK", "ADD CONSTRAINT c CHECK")))
        events.check(sql("ALTER TABLE event_2026 VALIDATE CONSTRAINT c"))
        assert events.check(sql(second)) == ()
    else:
        assert events.check(sql(text)) == ()


CREATE = "CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"


def test_partition_created(events: Migrations) -> None:
    (finding,) = events.check(sql(CREATE))
    assert (finding.code, finding.severity) == ("MS408", Severity.WARNING)
    assert finding.message == "Creating partition event_2027 takes ACCESS EXCLUSIVE on event"
    assert "FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')" in flat(finding.fix)


def test_partition_created_beside_a_default_partition(events: Migrations) -> None:
    events.check(sql(DEFAULT))
    (finding,) = events.check(sql(CREATE))
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "Creating partition event_2027 takes ACCESS EXCLUSIVE on event while it reads all of event_rest"
    )


def test_quiet_about_partitions_of_a_new_table_and_where_nothing_is_better(events: Migrations) -> None:
    assert events.check(sql(PARTITIONED.replace("event", "log"))) == ()
    events.postgres = 11
    assert events.check(sql(CREATE)) == ()


DETACH = "ALTER TABLE event DETACH PARTITION event_2025"


def test_partition_detached(events: Migrations) -> None:
    (finding,) = events.check(sql(DETACH))
    assert (finding.code, finding.severity) == ("MS409", Severity.WARNING)
    assert finding.message == "Detaching partition event_2025 takes ACCESS EXCLUSIVE on event"
    assert "CONCURRENTLY" in finding.fix


def test_partition_detached_in_a_migration_that_is_not_atomic(events: Migrations) -> None:
    assert codes(events.check(sql(DETACH), atomic=False)) == ["MS409"]


def test_quiet_when_detached_concurrently(events: Migrations) -> None:
    assert events.check(sql(f"{DETACH} CONCURRENTLY"), atomic=False) == ()


@pytest.mark.parametrize(("postgres", "default"), [(13, False), (16, True)])
def test_quiet_when_it_cannot_be_detached_concurrently(events: Migrations, postgres: int, default: bool) -> None:
    events.postgres = postgres
    if default:
        events.check(sql(DEFAULT))
    assert events.check(sql(DETACH)) == ()


# MS410, MS411

TRIGGER = 'CREATE TRIGGER stamp BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION stamp()'


@pytest.mark.parametrize(
    ("trigger", "message", "severity"),
    [
        ("stamp", "Trigger stamp of order stays off for everybody", Severity.WARNING),
        ("USER", "Every trigger of order stays off for everybody", Severity.WARNING),
        ("ALL", "Every trigger of order stays off for everybody", Severity.ERROR),
    ],
)
def test_trigger_switched_off(shop: Migrations, trigger: str, message: str, severity: Severity) -> None:
    shop.check(sql(TRIGGER))
    (finding,) = shop.check(sql(f'ALTER TABLE "order" DISABLE TRIGGER {trigger}'))
    assert (finding.code, finding.axis, finding.severity) == ("MS410", Axis.DATA, severity)
    assert finding.message == message
    assert ("Foreign keys" in finding.why) == (trigger == "ALL")


def test_trigger_switched_on_again_in_another_transaction(shop: Migrations) -> None:
    shop.check(sql(TRIGGER))
    off, on = (sql(f'ALTER TABLE "order" {switch} TRIGGER stamp') for switch in ("DISABLE", "ENABLE"))
    assert "MS410" in codes(shop.check(off, on, atomic=False))


@pytest.mark.parametrize("again", ["stamp", "ALL"])
def test_quiet_when_switched_on_again_in_the_same_transaction(shop: Migrations, again: str) -> None:
    shop.check(sql(TRIGGER))
    switch = f'ALTER TABLE "order" DISABLE TRIGGER stamp; ALTER TABLE "order" ENABLE TRIGGER {again}'
    assert shop.check(sql(switch)) == ()


REPLACE = f'DROP TRIGGER stamp ON "order"; {TRIGGER}'


def test_trigger_replaced(shop: Migrations) -> None:
    shop.check(sql(TRIGGER))
    (finding,) = shop.check(sql(REPLACE))
    assert (finding.code, finding.severity) == ("MS411", Severity.INFO)
    assert finding.message == (
        "DROP TRIGGER stamp takes ACCESS EXCLUSIVE on order; CREATE OR REPLACE TRIGGER would let people read"
    )


def test_trigger_replaced_in_two_transactions(shop: Migrations) -> None:
    shop.check(sql(TRIGGER))
    found = shop.check(*map(sql, REPLACE.split("; ")), atomic=False)
    (finding,) = (one for one in found if one.code == "MS411")
    assert finding.severity is Severity.WARNING
    assert "no moment without it" in finding.message


@pytest.mark.parametrize(
    ("text", "postgres"),
    [
        (REPLACE, 13),
        (TRIGGER.replace("CREATE", "CREATE OR REPLACE"), 16),
        ('DROP TRIGGER stamp ON "order"', 16),
        (REPLACE.replace("CREATE TRIGGER stamp BEFORE", "CREATE CONSTRAINT TRIGGER stamp AFTER"), 16),
    ],
)
def test_quiet_where_a_trigger_cannot_be_replaced_or_is(shop: Migrations, text: str, postgres: int) -> None:
    shop.check(sql(TRIGGER))
    shop.postgres = postgres
    assert shop.check(sql(text)) == ()


# MS412


def test_row_level_security_without_a_policy(shop: Migrations) -> None:
    (finding,) = shop.check(sql('ALTER TABLE "order" ENABLE ROW LEVEL SECURITY'))
    assert (finding.code, finding.axis, finding.severity) == ("MS412", Axis.COMPATIBILITY, Severity.WARNING)
    assert finding.message == (
        "Row level security on order without a policy hides every row from code that does not connect as its owner"
    )
    assert 'CREATE POLICY "order_all" ON "order" USING (true)' in flat(finding.fix)


def test_forced_row_level_security_without_a_policy(shop: Migrations) -> None:
    (finding,) = shop.check(sql('ALTER TABLE "order" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'))
    assert finding.severity is Severity.ERROR
    assert "from everybody but superusers" in finding.message


POLICY = 'CREATE POLICY own ON "order" USING (customer_id = 1)'


@pytest.mark.parametrize("order", [1, -1])
def test_quiet_with_a_policy(shop: Migrations, order: int) -> None:
    enable = 'ALTER TABLE "order" ENABLE ROW LEVEL SECURITY'
    assert shop.check(sql("; ".join([POLICY, enable][::order]))) == ()


def test_quiet_with_an_older_policy_and_on_a_new_table(shop: Migrations) -> None:
    shop.check(sql(POLICY))
    assert shop.check(sql('ALTER TABLE "order" FORCE ROW LEVEL SECURITY')) == ()
    assert shop.check(sql("CREATE TABLE a (b int); ALTER TABLE a ENABLE ROW LEVEL SECURITY")) == ()


def test_a_policy_made_after_the_commit_is_too_late(shop: Migrations) -> None:
    enable = sql('ALTER TABLE "order" ENABLE ROW LEVEL SECURITY')
    assert "MS412" in codes(shop.check(enable, sql(POLICY), atomic=False))


# MS413


@pytest.fixture
def totals(shop: Migrations) -> Migrations:
    shop.check(sql('CREATE MATERIALIZED VIEW totals AS SELECT customer_id AS id FROM "order"'))
    return shop


def test_materialized_view_refreshed(totals: Migrations) -> None:
    (finding,) = totals.check(sql("REFRESH MATERIALIZED VIEW totals"))
    assert (finding.code, finding.severity) == ("MS413", Severity.ERROR)
    assert finding.message == "Refreshing totals builds it anew under ACCESS EXCLUSIVE"
    assert "CREATE UNIQUE INDEX CONCURRENTLY" in finding.fix


def test_materialized_view_emptied(totals: Migrations) -> None:
    totals.check(sql("CREATE UNIQUE INDEX CONCURRENTLY totals_id ON totals (id)"), atomic=False)
    (finding,) = totals.check(sql("REFRESH MATERIALIZED VIEW totals WITH NO DATA"))
    assert finding.message == "Refreshing totals WITH NO DATA empties it under ACCESS EXCLUSIVE"
    assert "has not been populated" in finding.why
    assert "CREATE UNIQUE INDEX" not in finding.fix


def test_quiet_when_refreshed_concurrently_or_new(totals: Migrations) -> None:
    assert totals.check(sql("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")) == ()
    assert totals.check(sql("CREATE MATERIALIZED VIEW v AS SELECT 1; REFRESH MATERIALIZED VIEW v")) == ()


@pytest.mark.parametrize("unique", ["id", "id, id"])
def test_quiet_when_refreshed_concurrently_whatever_the_index(totals: Migrations, unique: str) -> None:
    totals.check(sql(f"CREATE UNIQUE INDEX CONCURRENTLY totals_id ON totals ({unique})"), atomic=False)
    assert totals.check(sql("REFRESH MATERIALIZED VIEW CONCURRENTLY totals"), atomic=False) == ()


# MS414


@pytest.fixture
def money(shop: Migrations) -> Migrations:
    shop.check(sql("CREATE DOMAIN money_eur AS numeric; CREATE TABLE payment (id bigint, amount money_eur)"))
    return shop


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ADD CONSTRAINT positive CHECK (VALUE > 0)", "Adding a constraint to"),
        ("SET NOT NULL", "SET NOT NULL on"),
    ],
)
def test_domain_gets_stricter(money: Migrations, change: str, words: str) -> None:
    (finding,) = money.check(sql(f"ALTER DOMAIN money_eur {change}"))
    assert (finding.code, finding.severity, finding.relation) == ("MS414", Severity.ERROR, "payment")
    assert finding.message == f"{words} domain money_eur holds SHARE on payment while it reads all rows"
    assert "NOT VALID" in finding.fix


def test_domain_constraint_validated(money: Migrations) -> None:
    assert money.check(sql("ALTER DOMAIN money_eur ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID")) == ()
    (finding,) = money.check(sql("ALTER DOMAIN money_eur VALIDATE CONSTRAINT positive"))
    assert finding.message.startswith("Validating positive of domain money_eur holds SHARE on payment")


@pytest.mark.parametrize(
    "text",
    [
        "ALTER DOMAIN money_eur DROP NOT NULL",
        "ALTER DOMAIN money_eur SET DEFAULT 0",
        "CREATE DOMAIN d AS int; CREATE TABLE a (b d); ALTER DOMAIN d ADD CHECK (VALUE > 0)",
    ],
)
def test_quiet_about_a_domain_that_no_table_in_use_has_or_that_gets_looser(money: Migrations, text: str) -> None:
    assert money.check(sql(text)) == ()


# MS415

ADD_VALUE = "ALTER TYPE state ADD VALUE 'sent'"


@pytest.fixture
def parcels(shop: Migrations) -> Migrations:
    shop.check(sql("CREATE TYPE state AS ENUM ('new'); CREATE TABLE parcel (id bigint PRIMARY KEY, state state)"))
    return shop


@pytest.mark.parametrize(
    "use",
    [
        "UPDATE parcel SET state = 'sent' WHERE id = 1",
        "INSERT INTO parcel VALUES (1, 'sent')",
        "ALTER TABLE parcel ALTER COLUMN state SET DEFAULT 'sent'",
        "ALTER TABLE parcel ADD CONSTRAINT c CHECK (state <> 'sent') NOT VALID",
        "CREATE TABLE letter (state state DEFAULT 'sent')",
        "DO $x$ BEGIN UPDATE parcel SET state = 'sent' WHERE id = 1; END $x$",
    ],
)
def test_enum_value_used_in_the_transaction_that_adds_it(parcels: Migrations, use: str) -> None:
    found = [one for one in parcels.check(sql(ADD_VALUE), sql(use)) if one.code == "MS415"]
    assert [one.message for one in found] == [
        "Value sent of enum state is used in the transaction that adds it, which PostgreSQL refuses"
    ]
    assert ADD_VALUE in found[0].fix


def test_enum_value_used_by_python_code(parcels: Migrations) -> None:
    python = Op("RunPython", source='def f(apps, editor):\n    P.objects.update(state="sent")', opaque="runs f")
    assert "MS415" in codes(parcels.check(sql(ADD_VALUE), python))
    assert "MS415" not in codes(parcels.check(python, sql(ADD_VALUE.replace("sent", "lost"))))


def test_enum_value_added_in_a_transaction_on_an_old_server(parcels: Migrations) -> None:
    parcels.postgres = 11
    (finding,) = parcels.check(sql(ADD_VALUE))
    assert finding.message == (
        "Value sent of enum state cannot be added in a transaction: cannot run inside a transaction block"
    )
    assert "atomic = False" in finding.fix
    assert "MS415" not in codes(parcels.check(sql("ALTER TYPE state ADD VALUE 'lost'"), atomic=False))


@pytest.mark.parametrize(
    "text",
    [
        f"{ADD_VALUE}; UPDATE customer SET email = 'sent' WHERE id = 1",
        f"{ADD_VALUE}; UPDATE parcel SET state = 'new' WHERE id = 1",
        "ALTER TYPE state RENAME VALUE 'new' TO 'sent'; UPDATE parcel SET state = 'sent' WHERE id = 1",
    ],
)
def test_quiet_when_the_value_is_not_used_or_may_be(parcels: Migrations, text: str) -> None:
    assert "MS415" not in codes(parcels.check(sql(text)))


@pytest.mark.parametrize(("postgres", "found"), [(11, []), (16, ["MS415"]), (17, [])])
def test_values_of_an_enum_that_is_as_new(parcels: Migrations, postgres: int, found: list[str]) -> None:
    parcels.postgres = postgres
    new = "CREATE TYPE size AS ENUM (); ALTER TYPE size ADD VALUE 'big'; CREATE TABLE box (size size DEFAULT 'big')"
    assert codes(parcels.check(sql(new))) == found


def test_quiet_when_the_value_is_used_in_a_later_transaction(parcels: Migrations) -> None:
    use = sql("UPDATE parcel SET state = 'sent' WHERE id = 1")
    assert "MS415" not in codes(parcels.check(sql(ADD_VALUE), use, atomic=False))
