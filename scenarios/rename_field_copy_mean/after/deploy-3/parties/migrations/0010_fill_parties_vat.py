import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_vat(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "Parties" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "Parties"
                SET "vat" = "vat"
                WHERE "id" = ANY(%(keys)s) AND "vat" IS NULL AND "user" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_vat: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "Parties"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_party_user. Does nothing but on the way back, where it
# fills vat again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0009_party_user_drop_old_indexes"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_vat),
    ]
