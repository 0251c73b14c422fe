from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_required. The rows are read by VALIDATE, while
# everybody reads and writes; each statement commits by itself, so that no lock is held
# meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0005_backfill_book_pages"),
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
                                "Articles_Price €_not_null",
                            ADD CONSTRAINT "Articles_Price €_not_null"
                                NOT NULL "Price €" NOT VALID
                        """,
                        """
                            ALTER TABLE "Articles"
                            VALIDATE CONSTRAINT "Articles_Price €_not_null"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "Articles"
                        ALTER COLUMN "Price €" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='article',
                    name='price',
                    field=models.DecimalField(
                        db_column='Price €',
                        decimal_places=2,
                        max_digits=8,
                        verbose_name='price',
                    ),
                ),
            ],
        ),
    ]
