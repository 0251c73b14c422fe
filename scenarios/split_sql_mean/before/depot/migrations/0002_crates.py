from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('depot', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [
                        'CREATE INDEX "Crates by code" ON depot."All Crates" (code)',
                        """
                        ALTER TABLE depot."All Crates"
                            ADD CONSTRAINT "Codes are no blanks" CHECK (code <> ' ')
                        """,
                    ],
                    [
                        'ALTER TABLE depot."All Crates" DROP CONSTRAINT "Codes are no blanks"',
                        'DROP INDEX depot."Crates by code"',
                    ],
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name='crate',
                    index=models.Index(fields=['code'], name='Crates by code'),
                ),
            ],
        ),
        migrations.RunSQL(
            """
            -- those of the time before colours
            UPDATE depot."All Crates" SET colour = 'grey', "How Full" = 0 WHERE colour IS NULL;
            ALTER TABLE depot."All Crates" ALTER COLUMN colour SET NOT NULL;
            """,
            'ALTER TABLE depot."All Crates" ALTER COLUMN colour DROP NOT NULL',
            state_operations=[
                migrations.AlterField(
                    model_name='crate',
                    name='colour',
                    field=models.CharField(max_length=20),
                ),
            ],
        ),
    ]
