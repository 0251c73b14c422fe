import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def update_all_crates(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "depot"."All Crates" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                UPDATE depot."All Crates"
                SET colour = 'grey',
                    "How Full" = 0
                WHERE "All Crates".id = ANY(%(keys)s)
                  AND colour IS NULL
            """, {"keys": keys})
            done += len(keys)
            logger.info("update_all_crates: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "depot"."All Crates"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Deploy 2 of 3 of what was 0002_crates. Batches of 1,000 rows, each in a transaction of
# its own: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("depot", "0004_validate_codes_are_no_blanks"),
    ]

    operations = [
        migrations.RunPython(update_all_crates, migrations.RunPython.noop),
    ]
