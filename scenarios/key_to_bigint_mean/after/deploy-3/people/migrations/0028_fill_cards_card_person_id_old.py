import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_person_id_old(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "cards_card" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "cards_card"
                SET "person_id_old" = "person_id_old"
                WHERE "id" = ANY(%(keys)s) AND "person_id_old" IS NULL AND "person_id" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_person_id_old: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "cards_card"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 3 of 3 of what was 0002_big_keys. Does nothing but on the way back, where it
# fills person_id_old again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0027_fill_people_member_person_ptr_id_old"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, fill_person_id_old),
    ]
