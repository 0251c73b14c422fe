from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_order_reference_unique"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "orders_order"
                        ADD COLUMN "warehouse" varchar(50)
                    """,
                    reverse_sql='ALTER TABLE "orders_order" DROP COLUMN "warehouse"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="warehouse",
                    field=models.SlugField(null=True),
                ),
            ],
        ),
    ]
