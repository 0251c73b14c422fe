from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. Before status goes, so that nobody
# waits on the way back either.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('docs', '0019_drop_document_checked_by'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "All Documents_status_5898f131"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "All Documents_status_5898f131"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "All Documents_status_5898f131"
                    ON "All Documents" ("status")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "All Documents_status_5898f131_like"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "All Documents_status_5898f131_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "All Documents_status_5898f131_like"
                    ON "All Documents" ("status" varchar_pattern_ops)
                """,
            ],
        ),
    ]
