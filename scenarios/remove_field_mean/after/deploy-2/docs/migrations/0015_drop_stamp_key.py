from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. No running code knows key any more.
# Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0014_drop_letter_status'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs"."Stamp"
                    DROP COLUMN IF EXISTS "key"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs"."Stamp"
                    ADD COLUMN "key" uuid,
                    ADD CONSTRAINT "Stamp_key_key" UNIQUE ("key")
                """,
            ],
        ),
    ]
