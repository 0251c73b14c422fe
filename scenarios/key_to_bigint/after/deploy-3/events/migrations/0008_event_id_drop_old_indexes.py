from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_key. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0007_event_id_way_back"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "events_event_pkey_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "events_event_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "events_event_pkey_old"
                    ON "events_event" ("id_old")
                """,
            ],
        ),
    ]
