from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to orders_order for a moment; if its lock is not to be had soon, this fails: try
# again.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_order_replaces_unique"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    ADD CONSTRAINT
                        "orders_order_replaces_id_771bcbdf_fk_orders_order_id"
                        FOREIGN KEY ("replaces_id") REFERENCES
                        "orders_order" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order"
                    DROP CONSTRAINT
                        "orders_order_replaces_id_771bcbdf_fk_orders_order_id"
                """,
            ],
        ),
    ]
