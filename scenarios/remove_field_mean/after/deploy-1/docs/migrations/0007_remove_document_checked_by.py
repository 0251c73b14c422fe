from django.db import migrations


# Deploy 1 of 2 of what was 0002_leaner_documents. Column Checked By leaves the models
# only: running code still asks for the column. New code gives it no value, so it may be
# NULL. New code may delete what it refers to, so it becomes NULL then.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0006_remove_stamp_size'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "All Documents"
                            ALTER COLUMN "Checked By" DROP NOT NULL,
                            DROP CONSTRAINT IF EXISTS
                                "All Documents_Checked By_4da3fc42_fk_crm_person_id",
                            ADD CONSTRAINT
                                "All Documents_Checked By_4da3fc42_fk_crm_person_id"
                                FOREIGN KEY ("Checked By") REFERENCES
                                "crm_person" ("id") ON DELETE SET NULL
                                DEFERRABLE INITIALLY DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "All Documents"
                            DROP CONSTRAINT IF EXISTS
                                "All Documents_Checked By_4da3fc42_fk_crm_person_id",
                            ADD CONSTRAINT
                                "All Documents_Checked By_4da3fc42_fk_crm_person_id"
                                FOREIGN KEY ("Checked By") REFERENCES
                                "crm_person" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                        """
                            DO $$ BEGIN
                                IF NOT EXISTS (SELECT FROM "All Documents" WHERE "Checked By" IS NULL) THEN
                                    ALTER TABLE "All Documents" ALTER COLUMN "Checked By" SET NOT NULL;
                                END IF;
                            END $$
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='document',
                    name='checked_by',
                ),
            ],
        ),
    ]
