from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_find_items. The indexes of the partitions become that
# of the table, which reads no row; one after the other, so that no query that holds one
# of them waits for another. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0005_reading_sensor_day_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            CREATE INDEX IF NOT EXISTS "reading_sensor_day"
                            ON ONLY "stock_reading" ("sensor", "day")
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER INDEX "reading_sensor_day"
                            ATTACH PARTITION "sensor_in_2024"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER INDEX "reading_sensor_day"
                            ATTACH PARTITION
                                "stock_reading later_sensor_day_idx"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        DROP INDEX IF EXISTS "reading_sensor_day"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "reading",
                    models.Index(fields=["sensor", "day"], name="reading_sensor_day"),  # dashboards
                ),
            ],
        ),
    ]
