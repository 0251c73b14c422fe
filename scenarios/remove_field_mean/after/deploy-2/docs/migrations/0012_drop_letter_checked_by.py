from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. No running code knows Checked By any
# more. Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0011_drop_letter_checked_by_index'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs_letter"
                    DROP COLUMN IF EXISTS "Checked By"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs_letter"
                    ADD COLUMN "Checked By" bigint
                """,
            ],
        ),
    ]
