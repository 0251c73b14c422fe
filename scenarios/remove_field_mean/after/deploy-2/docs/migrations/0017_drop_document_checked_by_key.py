from django.db import migrations


# Deploy 2 of 2 of what was 0002_leaner_documents. Locks crm_person too, for a moment;
# if that is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0016_drop_stamp_size'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "All Documents"
                    DROP CONSTRAINT IF EXISTS
                        "All Documents_Checked By_4da3fc42_fk_crm_person_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "All Documents"
                    ADD CONSTRAINT
                        "All Documents_Checked By_4da3fc42_fk_crm_person_id"
                        FOREIGN KEY ("Checked By") REFERENCES
                        "crm_person" ("id") ON DELETE SET NULL
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
