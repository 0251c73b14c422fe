from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to customers_customer for a moment; if its lock is not to be had soon, this fails: try
# again.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_order_customer_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    ADD CONSTRAINT
                        "orders_order_customer_id_0b76f6a4_fk_customers_customer_id"
                        FOREIGN KEY ("customer_id") REFERENCES
                        "customers_customer" ("id") DEFERRABLE
                        INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    DROP CONSTRAINT
                        "orders_order_customer_id_0b76f6a4_fk_customers_customer_id"
                """,
            ],
        ),
    ]
