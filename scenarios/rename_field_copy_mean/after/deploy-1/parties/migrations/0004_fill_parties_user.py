import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_user(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "Parties" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "Parties"
                SET "user" = "vat"
                WHERE "id" = ANY(%(keys)s) AND "user" IS NULL AND "vat" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_user: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "Parties"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_party_user. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0003_add_parties_user"),
    ]

    operations = [
        migrations.RunPython(fill_user, migrations.RunPython.noop),
    ]
