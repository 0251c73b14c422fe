from django.db import migrations


# Deploy 2 of 2 of what was 0002_cleanup. Locks orders_customer too, for a moment; if
# that is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0005_drop_order_legacy_number'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    DROP CONSTRAINT IF EXISTS
                        "orders_order_referrer_id_1171b51d_fk_orders_customer_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    ADD CONSTRAINT
                        "orders_order_referrer_id_1171b51d_fk_orders_customer_id"
                        FOREIGN KEY ("referrer_id") REFERENCES
                        "orders_customer" ("id") ON DELETE SET NULL
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
