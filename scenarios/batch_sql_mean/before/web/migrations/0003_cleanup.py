from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0001_squashed_0002_session_owner"),
    ]

    operations = [
        # What crawlers have left is of no use.
        migrations.RunSQL([("""DELETE FROM "Web Sessions" WHERE agent LIKE %s""", ["%bot/%"])]),
        migrations.RunSQL(
            """
            UPDATE "Web Sessions" AS s SET "Status" = 'open'
            FROM "People" p
            WHERE p.id = s."Owner" AND s."Status" IS NULL
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            """UPDATE "Web Sessions" SET "Status" = 'closed' WHERE "Status" = 'gone'""",
            """UPDATE "Web Sessions" SET "Status" = 'gone' WHERE "Status" = 'closed'""",
        ),
    ]
