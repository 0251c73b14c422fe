from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_key. Does nothing but on the way back: the first
# column can be the primary key again without a look at each row under a lock once it is
# NOT NULL, and once no foreign key needs the second.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0006_switch_events_event_id"),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, [
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    DROP CONSTRAINT IF EXISTS
                        "id_old_filled_events_event"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    ADD CONSTRAINT "id_old_filled_events_event" CHECK
                        ("id_old" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "events_event"
                    VALIDATE CONSTRAINT "id_old_filled_events_event"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    ALTER COLUMN "id_old" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "events_event"
                    DROP CONSTRAINT "id_old_filled_events_event"
                """,
            ]),
    ]
