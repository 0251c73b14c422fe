from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. No running code knows Size in cm any
# more. Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0015_drop_stamp_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs"."Stamp"
                    DROP COLUMN IF EXISTS "Size in cm"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "docs"."Stamp"
                    ADD COLUMN "Size in cm" integer DEFAULT 3 NOT NULL
                """,
            ],
        ),
    ]
