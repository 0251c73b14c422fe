import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_balance(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "bank_account" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "bank_account"
                SET "balance" = "bal"
                WHERE "id" = ANY(%(keys)s) AND "balance" IS NULL AND "bal" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_balance: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "bank_account"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_balance. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("bank", "0002_add_bank_account_balance"),
    ]

    operations = [
        migrations.RunPython(fill_balance, migrations.RunPython.noop),
    ]
