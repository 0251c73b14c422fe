import django.db.models.deletion
from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_required. The rows are read by VALIDATE, while
# everybody reads and writes; each statement commits by itself, so that no lock is held
# meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0002_book_pages_default"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Articles"
                            DROP CONSTRAINT IF EXISTS
                                "Articles_Kept by_not_null",
                            ADD CONSTRAINT "Articles_Kept by_not_null"
                                NOT NULL "Kept by" NOT VALID
                        """,
                        """
                            ALTER TABLE "Articles"
                            VALIDATE CONSTRAINT "Articles_Kept by_not_null"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "Articles"
                        ALTER COLUMN "Kept by" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="article",
                    name="keeper",
                    field=models.ForeignKey(
                        db_column="Kept by",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept",
                        to="people.person",
                    ),
                ),
            ],
        ),
    ]
