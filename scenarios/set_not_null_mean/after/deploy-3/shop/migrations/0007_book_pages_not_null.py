from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_required. The rows are read by VALIDATE, while
# everybody reads and writes; each statement commits by itself, so that no lock is held
# meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0006_article_price_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "shop_book"
                            DROP CONSTRAINT IF EXISTS
                                "shop_book_pages_not_null",
                            ADD CONSTRAINT "shop_book_pages_not_null" NOT NULL
                                "pages" NOT VALID
                        """,
                        """
                            ALTER TABLE "shop_book"
                            VALIDATE CONSTRAINT "shop_book_pages_not_null"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "shop_book"
                        ALTER COLUMN "pages" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="book",
                    name="pages",
                    field=models.PositiveSmallIntegerField(default=1),
                ),
            ],
        ),
    ]
