from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_key. Column id_new is to take the place of id. From
# here on a trigger gives it the same value in every row that is written, whichever
# release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "events_event"
                    ADD COLUMN "id_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_id_new_of_events_event"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."id_new" := NEW."id"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_id_new_of_events_event"
                        BEFORE INSERT OR UPDATE ON "events_event"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_id_new_of_events_event"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_id_new_of_events_event" ON
                        "events_event"
                """,
                'DROP FUNCTION "sync_id_new_of_events_event"()',
                'ALTER TABLE "events_event" DROP COLUMN "id_new"',
            ],
        ),
    ]
