from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_positive. Holds for new rows from now on; none of those
# that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "orders_order"
                            ADD CONSTRAINT
                                "orders_order_pieces_46c7a555_check" CHECK
                                (pieces >= 0) NOT VALID
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "orders_order"
                        DROP CONSTRAINT
                            "orders_order_pieces_46c7a555_check"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="order",
                    name="pieces",
                    field=models.PositiveIntegerField(),
                ),
            ],
        ),
    ]
