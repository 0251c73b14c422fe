from django.db import migrations


# Deploy 1 of 3 of what was 0002_reading_bigint. Column reading_new is to take the place
# of reading. From here on a trigger gives it the same value in every row that is
# written, whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("sensors", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "sensors_sensor"
                    ADD COLUMN "reading_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_reading_new_of_sensors_sensor"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."reading_new" := NEW."reading"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_reading_new_of_sensors_sensor" BEFORE
                        INSERT OR UPDATE ON "sensors_sensor"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_reading_new_of_sensors_sensor"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_reading_new_of_sensors_sensor"
                        ON "sensors_sensor"
                """,
                """
                    DROP FUNCTION
                        "sync_reading_new_of_sensors_sensor"()
                """,
                """
                    ALTER TABLE "sensors_sensor"
                    DROP COLUMN "reading_new"
                """,
            ],
        ),
    ]
