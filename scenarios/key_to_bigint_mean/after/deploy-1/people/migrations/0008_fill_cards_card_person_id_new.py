import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_person_id_new(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "cards_card" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "cards_card"
                SET "person_id_new" = "person_id"::bigint
                WHERE "id" = ANY(%(keys)s) AND "person_id_new" IS NULL AND "person_id" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_person_id_new: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "cards_card"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_big_keys. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0007_fill_people_groups_person_id_new"),
    ]

    operations = [
        migrations.RunPython(fill_person_id_new, migrations.RunPython.noop),
    ]
