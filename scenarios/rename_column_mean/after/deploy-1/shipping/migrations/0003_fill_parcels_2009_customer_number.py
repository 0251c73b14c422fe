import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_customer_number(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "depot"."Parcels 2009" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "depot"."Parcels 2009"
                SET "customer_number" = "Cust No"
                WHERE "id" = ANY(%(keys)s) AND "customer_number" IS NULL AND "Cust No" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_customer_number: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "depot"."Parcels 2009"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_columns. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0002_add_parcels_2009_customer_number"),
    ]

    operations = [
        migrations.RunPython(fill_customer_number, migrations.RunPython.noop),
    ]
