from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. Before status goes, so that nobody
# waits on the way back either.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('docs', '0012_drop_letter_checked_by'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "docs_letter_status_ed36f389"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "docs_letter_status_ed36f389"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "docs_letter_status_ed36f389"
                    ON "docs_letter" ("status")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "docs_letter_status_ed36f389_like"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "docs_letter_status_ed36f389_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "docs_letter_status_ed36f389_like"
                    ON "docs_letter" ("status" varchar_pattern_ops)
                """,
            ],
        ),
    ]
