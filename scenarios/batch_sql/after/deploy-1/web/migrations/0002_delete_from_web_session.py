import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def delete_from_web_session(apps, schema_editor):
    """Go through the rows in batches that commit by themselves: can be stopped, and run again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT "id" FROM "web_session" ORDER BY "id" LIMIT 1000')
        done = 0
        while keys := [key for (key,) in cursor.fetchall()]:
            cursor.execute("""
                DELETE
                FROM web_session
                WHERE web_session.id = ANY(%(keys)s)
                  AND owner = 'nobody'
            """, {"keys": keys})
            done += len(keys)
            logger.info("delete_from_web_session: %s rows, up to id %s", done, keys[-1])
            cursor.execute("""
                SELECT "id" FROM "web_session"
                WHERE "id" > %(last)s
                ORDER BY "id" LIMIT 1000
            """, {"last": keys[-1]})


# Batches of 1,000 rows, each in a transaction of its own: it can be stopped, and run
# again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('web', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(delete_from_web_session, migrations.RunPython.noop),
    ]
