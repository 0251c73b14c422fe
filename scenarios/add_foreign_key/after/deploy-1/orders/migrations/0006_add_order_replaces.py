import django.db.models.deletion
from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_validate_order_customer_foreign_key"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "orders_order"
                        ADD COLUMN "replaces_id" bigint
                    """,
                    reverse_sql="""
                        ALTER TABLE "orders_order"
                        DROP COLUMN "replaces_id"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="replaces",
                    field=models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replaced_by",
                        to="orders.order",
                    ),
                ),
            ],
        ),
    ]
