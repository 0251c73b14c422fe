import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "depot"."Parcels 2009" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "depot"."Parcels 2009"
                SET "Ship-To" = "Ship-To"
                WHERE "id" = ANY(%(keys)s) AND "Ship-To" IS NULL AND "destination_id" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "depot"."Parcels 2009"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_columns. Does nothing but on the way back, where it
# fills Ship-To again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0018_parcel_destination_drop_old_indexes"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill),
    ]
