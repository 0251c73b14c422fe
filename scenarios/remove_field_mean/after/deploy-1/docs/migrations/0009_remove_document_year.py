from django.db import migrations


# Deploy 1 of 2 of what was 0002_leaner_documents. Column Year leaves the models only:
# running code still asks for the column. New code gives it no value, so it may be NULL.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0008_remove_document_status'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "All Documents"
                            ALTER COLUMN "Year" DROP NOT NULL
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DO $$ BEGIN
                                IF NOT EXISTS (SELECT FROM "All Documents" WHERE "Year" IS NULL) THEN
                                    ALTER TABLE "All Documents" ALTER COLUMN "Year" SET NOT NULL;
                                END IF;
                            END $$
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='document',
                    name='year',
                ),
            ],
        ),
    ]
