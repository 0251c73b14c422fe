from django.db import migrations


# Deploy 1 of 2 of what was 0002_traced. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("archive", "0010_shelf_mark_with_db_default"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "archive_shelf_mark_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "archive_shelf_mark_key"
                    ON "archive_shelf" ("mark")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "archive_shelf_mark_key"
            """,
        ),
    ]
