from django.db import migrations


# Deploy 1 of 2 of what was 0002_find_items. The index of a partitioned table cannot be
# built concurrently, but those of its partitions can; what is left of a build that
# failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0004_item_number_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock_reading later_sensor_day_idx"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "stock_reading later_sensor_day_idx"
                    ON "stock_reading later" ("sensor", "day")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "stock_reading later_sensor_day_idx"
            """,
        ),
        migrations.RunSQL(
            sql=migrations.RunSQL.noop,
            reverse_sql=[
                'DROP INDEX CONCURRENTLY IF EXISTS "sensor_in_2024"',
                """
                    CREATE INDEX CONCURRENTLY "sensor_in_2024"
                    ON "stock_reading_2024" ("sensor", "day")
                """,
            ],
        ),
    ]
