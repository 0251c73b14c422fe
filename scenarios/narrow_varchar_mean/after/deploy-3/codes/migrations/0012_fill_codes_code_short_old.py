import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_short_old(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "codes_code" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "codes_code"
                SET "short_old" = "short_old"
                WHERE "id" = ANY(%(keys)s) AND "short_old" IS NULL AND "short" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_short_old: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "codes_code"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_shorter. Does nothing but on the way back, where it
# fills short_old again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0011_code_short_drop_old_indexes"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_short_old),
    ]
