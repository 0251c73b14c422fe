from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_key. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0003_fill_events_event_id_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "events_event_pkey_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "events_event_pkey_new"
                    ON "events_event" ("id_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "events_event_pkey_new"
            """,
        ),
    ]
