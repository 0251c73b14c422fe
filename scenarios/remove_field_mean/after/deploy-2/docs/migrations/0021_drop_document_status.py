from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. No running code knows status any
# more. Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0020_drop_document_status_index'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "All Documents"
                    DROP COLUMN IF EXISTS "status"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "All Documents"
                    ADD COLUMN "status" varchar(20) DEFAULT 'new'
                        NOT NULL
                """,
            ],
        ),
    ]
