from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0005_item_place_unique"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            ALTER TABLE "Stock items"
                            ADD COLUMN "Rank" integer DEFAULT 0
                        """,
                        """
                            ALTER TABLE "Stock items"
                            ALTER COLUMN "Rank" DROP DEFAULT
                        """,
                    ],
                    reverse_sql='ALTER TABLE "Stock items" DROP COLUMN "Rank"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="item",
                    name="rank",
                    field=models.PositiveIntegerField(
                        db_column="Rank",
                        db_index=True,
                        default=0,
                        null=True,
                        verbose_name="rank",
                    ),
                ),
            ],
        ),
    ]
