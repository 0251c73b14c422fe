from django.db import migrations


# Holds for new rows from now on; none of those that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_add_order_weight"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    ADD CONSTRAINT "orders_order_weight_check" CHECK
                        (weight >= 0) NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "orders_order"
                DROP CONSTRAINT "orders_order_weight_check"
            """,
        ),
    ]
