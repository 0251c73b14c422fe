from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_reading_bigint. Column reading_new becomes reading:
# only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("sensors", "0004_sensor_reading_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
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
                            RENAME COLUMN "reading" TO "reading_old"
                        """,
                        """
                            ALTER TABLE "sensors_sensor"
                            RENAME COLUMN "reading_new" TO "reading"
                        """,
                        """
                            ALTER TABLE "sensors_sensor"
                            ALTER COLUMN "reading_old" DROP NOT NULL
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
                    reverse_sql=[
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
                            RENAME COLUMN "reading" TO "reading_new"
                        """,
                        """
                            ALTER TABLE "sensors_sensor"
                            RENAME COLUMN "reading_old" TO "reading"
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
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="sensor",
                    name="reading",
                    field=models.BigIntegerField(),
                ),
            ],
        ),
    ]
