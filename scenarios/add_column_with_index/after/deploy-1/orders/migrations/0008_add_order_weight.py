from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_order_warehouse_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "orders_order"
                        ADD COLUMN "weight" integer
                    """,
                    reverse_sql='ALTER TABLE "orders_order" DROP COLUMN "weight"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="weight",
                    field=models.PositiveIntegerField(null=True),
                ),
            ],
        ),
    ]
