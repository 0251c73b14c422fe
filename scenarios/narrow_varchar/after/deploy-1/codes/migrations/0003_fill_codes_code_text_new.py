import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_text_new(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "codes_code" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "codes_code"
                SET "text_new" = "text_new"
                WHERE "id" = ANY(%(keys)s) AND "text_new" IS NULL AND "text" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_text_new: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "codes_code"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_shorter. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0002_add_codes_code_text_new"),
    ]

    operations = [
        migrations.RunPython(fill_text_new, migrations.RunPython.noop),
    ]
