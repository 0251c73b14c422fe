import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_bal(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "bank_account" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "bank_account"
                SET "bal" = "bal"
                WHERE "id" = ANY(%(keys)s) AND "bal" IS NULL AND "balance" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_bal: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "bank_account"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_balance. Does nothing but on the way back, where it
# fills bal again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("bank", "0006_switch_bank_account_balance"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_bal),
    ]
