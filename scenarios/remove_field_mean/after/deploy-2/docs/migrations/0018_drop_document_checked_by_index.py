from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. Before Checked By goes, so that
# nobody waits on the way back either.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('docs', '0017_drop_document_checked_by_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "All Documents_Checked By_4da3fc42"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "All Documents_Checked By_4da3fc42"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "All Documents_Checked By_4da3fc42"
                    ON "All Documents" ("Checked By")
                """,
            ],
        ),
    ]
