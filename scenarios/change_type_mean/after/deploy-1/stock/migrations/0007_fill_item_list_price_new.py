import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_price_new(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "stock"."Item list" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "stock"."Item list"
                SET "price_new" = "price"::numeric(10,4)
                WHERE "id" = ANY(%(keys)s) AND "price_new" IS NULL AND "price" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_price_new: %s rows, up to id %s", done, keys[-1])
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
        ("stock", "0006_add_item_list_price_new"),
    ]

    operations = [
        migrations.RunPython(fill_price_new, migrations.RunPython.noop),
    ]
