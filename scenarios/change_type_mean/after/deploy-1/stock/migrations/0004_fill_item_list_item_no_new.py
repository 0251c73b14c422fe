import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "stock"."Item list" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "stock"."Item list"
                SET "Item No_new" = "Item No"::bigint
                WHERE "id" = ANY(%(keys)s) AND "Item No_new" IS NULL AND "Item No" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "stock"."Item list"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_wider. Each batch commits by itself and leaves out what
# is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0003_add_item_list_item_no_new"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
