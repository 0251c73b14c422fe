from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. Before Checked By goes, so that
# nobody waits on the way back either.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('docs', '0010_drop_letter_checked_by_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "docs_letter_Checked By_6dfcadec"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "docs_letter_Checked By_6dfcadec"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "docs_letter_Checked By_6dfcadec"
                    ON "docs_letter" ("Checked By")
                """,
            ],
        ),
    ]
