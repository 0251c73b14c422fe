import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def update_shipping_parcel(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "shipping_parcel" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE shipping_parcel
                SET fee = 2
                WHERE shipping_parcel.id = ANY(%(keys)s)
                  AND (fee = 0
                       OR fee IS NULL)
            """, {"keys": keys})
            done += len(keys)
            logger.info("update_shipping_parcel: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "shipping_parcel"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_parcel_weight. Batches of 1,000 rows, each in a
# transaction of its own: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0005_parcel_weight"),
    ]

    operations = [
        migrations.RunPython(update_shipping_parcel, migrations.RunPython.noop),
    ]
