from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_crates. The rows are read by VALIDATE, while everybody
# reads and writes; each statement commits by itself, so that no lock is held meanwhile.
# If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("depot", "0005_update_all_crates_colour_how_full"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "depot"."All Crates"
                            DROP CONSTRAINT IF EXISTS
                                "All Crates_colour_not_null",
                            ADD CONSTRAINT "All Crates_colour_not_null"
                                NOT NULL "colour" NOT VALID
                        """,
                        """
                            ALTER TABLE "depot"."All Crates"
                            VALIDATE CONSTRAINT "All Crates_colour_not_null"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "depot"."All Crates"
                        ALTER COLUMN "colour" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='crate',
                    name='colour',
                    field=models.CharField(max_length=20),
                ),
            ],
        ),
    ]
