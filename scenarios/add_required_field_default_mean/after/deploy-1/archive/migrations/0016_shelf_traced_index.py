from django.db import migrations


# Deploy 1 of 2 of what was 0002_traced. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("archive", "0015_shelf_traced_with_db_default"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "archive_shelf_Since_a4623301"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "archive_shelf_Since_a4623301"
                    ON "archive_shelf" ("Since")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "archive_shelf_Since_a4623301"
            """,
        ),
    ]
