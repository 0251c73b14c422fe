import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_reading_new(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "sensors_sensor" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "sensors_sensor"
                SET "reading_new" = "reading"::bigint
                WHERE "id" = ANY(%(keys)s) AND "reading_new" IS NULL AND "reading" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_reading_new: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "sensors_sensor"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_reading_bigint. Each batch commits by itself and leaves
# out what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sensors", "0002_add_sensors_sensor_reading_new"),
    ]

    operations = [
        migrations.RunPython(fill_reading_new, migrations.RunPython.noop),
    ]
