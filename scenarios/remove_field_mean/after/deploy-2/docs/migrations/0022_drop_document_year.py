from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. No running code knows Year any more.
# Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0021_drop_document_status'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "All Documents"
                    DROP COLUMN IF EXISTS "Year"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "All Documents"
                    ADD COLUMN "Year" integer
                """,
            ],
        ),
    ]
