import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_reading_old(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "sensors_sensor" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "sensors_sensor"
                SET "reading_old" = "reading_old"
                WHERE "id" = ANY(%(keys)s) AND "reading_old" IS NULL AND "reading" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_reading_old: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "sensors_sensor"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_reading_bigint. Does nothing but on the way back, where
# it fills reading_old again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sensors", "0005_switch_sensors_sensor_reading"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_reading_old),
    ]
