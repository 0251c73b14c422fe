import django.db.models.deletion
from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "orders_order"
                        ADD COLUMN "customer_id" bigint
                    """,
                    reverse_sql="""
                        ALTER TABLE "orders_order"
                        DROP COLUMN "customer_id"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="customer",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
    ]
