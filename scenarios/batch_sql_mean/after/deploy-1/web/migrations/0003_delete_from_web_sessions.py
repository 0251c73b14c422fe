import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def delete_from_web_sessions(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "Key" FROM "Web Sessions" ORDER BY "Key" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                DELETE
                FROM "Web Sessions"
                WHERE "Web Sessions"."Key" = ANY(%(keys)s)
                  AND agent LIKE '%%bot/%%'
            """, {"keys": keys})
            done += len(keys)
            logger.info("delete_from_web_sessions: %s rows, up to Key %s", done, keys[-1])
            cursor.execute("""
                SELECT "Key" FROM "Web Sessions"
                WHERE "Key" > %(last)s
                ORDER BY "Key" LIMIT 1000
            """, {"last": keys[-1]})


# Batches of 1,000 rows, each in a transaction of its own: it can be stopped, and run
# again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("web", "0001_squashed_0002_session_owner"),
    ]

    operations = [
        migrations.RunPython(delete_from_web_sessions, migrations.RunPython.noop),
    ]
