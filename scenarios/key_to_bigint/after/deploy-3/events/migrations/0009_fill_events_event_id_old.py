import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_id_old(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "events_event" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "events_event"
                SET "id_old" = "id_old"
                WHERE "id" = ANY(%(keys)s) AND "id_old" IS NULL AND "id" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_id_old: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "events_event"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_big_key. Does nothing but on the way back, where it
# fills id_old again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0008_event_id_drop_old_indexes"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_id_old),
    ]
