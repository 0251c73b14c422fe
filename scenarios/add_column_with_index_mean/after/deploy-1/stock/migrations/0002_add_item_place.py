from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            ALTER TABLE "Stock items"
                            ADD COLUMN "Place" varchar(20)
                        """,
                        """
                            COMMENT ON COLUMN "Stock items"."Place" IS
                                'Aisle and shelf'
                        """,
                    ],
                    reverse_sql='ALTER TABLE "Stock items" DROP COLUMN "Place"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="item",
                    name="place",
                    field=models.CharField(
                        db_column="Place",
                        db_comment="Aisle and shelf",
                        max_length=20,
                        null=True,
                        unique=True,
                        verbose_name="place",
                    ),
                ),
            ],
        ),
    ]
