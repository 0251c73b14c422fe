from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_key. No running code knows id_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("events", "0009_fill_events_event_id_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_id_old_of_events_event" ON
                        "events_event"
                """,
                'DROP FUNCTION "sync_id_old_of_events_event"()',
                'ALTER TABLE "events_event" DROP COLUMN "id_old"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "events_event"
                    ADD COLUMN "id_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_id_old_of_events_event"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."id_old" := NEW."id"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."id_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_id_old_of_events_event"
                        BEFORE INSERT OR UPDATE ON "events_event"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_id_old_of_events_event"()
                """,
            ],
        ),
    ]
