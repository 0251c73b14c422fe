import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_person_ptr_id_new(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("""
            SELECT "person_ptr_id" FROM "people_member"
            ORDER BY "person_ptr_id" LIMIT 1000
        """)
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE "people_member"
                SET "person_ptr_id_new" = "person_ptr_id"::bigint
                WHERE "person_ptr_id" = ANY(%(keys)s) AND "person_ptr_id_new" IS NULL AND "person_ptr_id" IS NOT NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("fill_person_ptr_id_new: %s rows, up to person_ptr_id %s", done, keys[-1])
            cursor.execute("""
                SELECT "person_ptr_id" FROM "people_member"
                WHERE "person_ptr_id" > %(last)s
                ORDER BY "person_ptr_id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 1 of 3 of what was 0002_big_keys. Each batch commits by itself and leaves out
# what is filled: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0008_fill_cards_card_person_id_new"),
    ]

    operations = [
        migrations.RunPython(fill_person_ptr_id_new, migrations.RunPython.noop),
    ]
