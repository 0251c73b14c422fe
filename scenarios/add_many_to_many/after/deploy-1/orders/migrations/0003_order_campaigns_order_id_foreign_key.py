from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to orders_order for a moment; if its lock is not to be had soon, this fails: try
# again.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_create_order_campaigns"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order_campaigns"
                    ADD CONSTRAINT
                        "orders_order_campaigns_order_id_3625f957_fk_orders_order_id"
                        FOREIGN KEY ("order_id") REFERENCES
                        "orders_order" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order_campaigns"
                    DROP CONSTRAINT
                        "orders_order_campaigns_order_id_3625f957_fk_orders_order_id"
                """,
            ],
        ),
    ]
