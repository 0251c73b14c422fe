from django.db import migrations


# Deploy 1 of 2 of what was 0002_leaner_documents. Column status leaves the models only:
# running code still asks for the column. New code gives it no value, so it gets a
# default.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0007_remove_document_checked_by'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "All Documents"
                            ALTER COLUMN "status" SET DEFAULT 'new'
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "All Documents"
                            ALTER COLUMN "status" DROP DEFAULT
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='document',
                    name='status',
                ),
            ],
        ),
    ]
