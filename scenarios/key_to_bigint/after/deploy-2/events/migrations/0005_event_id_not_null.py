from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_key. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0004_event_id_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    DROP CONSTRAINT IF EXISTS
                        "id_new_filled_events_event"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    ADD CONSTRAINT "id_new_filled_events_event" CHECK
                        ("id_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "events_event"
                    VALIDATE CONSTRAINT "id_new_filled_events_event"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    ALTER COLUMN "id_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    DROP CONSTRAINT "id_new_filled_events_event"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "events_event_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "events_event_pkey_old"
                    ON "events_event" ("id")
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "events_event"
                    ALTER COLUMN "id_new" DROP NOT NULL
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "events_event_pkey_old"
                """,
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
        ),
    ]
