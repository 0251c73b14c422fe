from django.db import migrations


# Deploy 1 of 2 of what was 0002_leaner_documents. Column Size in cm leaves the models
# only: running code still asks for the column. New code gives it no value, so it gets a
# default.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0005_remove_stamp_key'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "docs"."Stamp"
                            ALTER COLUMN "Size in cm" SET DEFAULT 3
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "docs"."Stamp"
                            ALTER COLUMN "Size in cm" DROP DEFAULT
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='stamp',
                    name='size',
                ),
            ],
        ),
    ]
