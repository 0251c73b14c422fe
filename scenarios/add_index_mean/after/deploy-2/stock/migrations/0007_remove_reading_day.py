from django.db import migrations


# Deploy 2 of 2 of what was 0002_find_items. The index of a partitioned table cannot be
# dropped concurrently. If the lock is not to be had soon, this fails, so that nobody
# waits: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0006_reading_sensor_day"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'DROP INDEX "reading_day"',
                    ],
                    reverse_sql="""
                        CREATE INDEX "reading_day"
                        ON "stock_reading" ("day")
                    """,
                ),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="reading", name="reading_day"),
            ],
        ),
    ]
