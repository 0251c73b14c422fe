from django.db import migrations


# Deploy 3 of 3 of what was 0002_reading_bigint. No running code knows reading_old any
# more.
class Migration(migrations.Migration):
    dependencies = [
        ("sensors", "0006_fill_sensors_sensor_reading_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_reading_old_of_sensors_sensor"
                        ON "sensors_sensor"
                """,
                """
                    DROP FUNCTION
                        "sync_reading_old_of_sensors_sensor"()
                """,
                """
                    ALTER TABLE "sensors_sensor"
                    DROP COLUMN "reading_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "sensors_sensor"
                    ADD COLUMN "reading_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_reading_old_of_sensors_sensor"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."reading_old" := NEW."reading"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."reading_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_reading_old_of_sensors_sensor" BEFORE
                        INSERT OR UPDATE ON "sensors_sensor"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_reading_old_of_sensors_sensor"()
                """,
            ],
        ),
    ]
