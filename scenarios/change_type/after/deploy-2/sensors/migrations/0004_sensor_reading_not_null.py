from django.db import migrations


# Deploy 2 of 3 of what was 0002_reading_bigint. A CHECK that is validated while
# everybody reads and writes proves that no row is without a value; SET NOT NULL then
# reads no row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sensors", "0003_fill_sensors_sensor_reading_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    DROP CONSTRAINT IF EXISTS
                        "reading_new_filled_sensors_sensor"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    ADD CONSTRAINT "reading_new_filled_sensors_sensor"
                        CHECK ("reading_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "sensors_sensor"
                    VALIDATE CONSTRAINT
                        "reading_new_filled_sensors_sensor"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    ALTER COLUMN "reading_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    DROP CONSTRAINT
                        "reading_new_filled_sensors_sensor"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "sensors_sensor"
                    ALTER COLUMN "reading_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    DROP CONSTRAINT IF EXISTS
                        "reading_filled_sensors_sensor"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    ADD CONSTRAINT "reading_filled_sensors_sensor"
                        CHECK ("reading" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "sensors_sensor"
                    VALIDATE CONSTRAINT
                        "reading_filled_sensors_sensor"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    ALTER COLUMN "reading" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "sensors_sensor"
                    DROP CONSTRAINT "reading_filled_sensors_sensor"
                """,
            ],
        ),
    ]
