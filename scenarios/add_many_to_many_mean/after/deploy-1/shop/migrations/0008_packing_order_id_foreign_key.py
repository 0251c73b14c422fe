from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to Orders for a moment; if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0007_create_packing"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Packings"
                    ADD CONSTRAINT
                        "Packings_order_id_ba517e1b_fk_Orders_number"
                        FOREIGN KEY ("order_id") REFERENCES "Orders"
                        ("number") DEFERRABLE INITIALLY DEFERRED NOT
                        VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Packings"
                    DROP CONSTRAINT
                        "Packings_order_id_ba517e1b_fk_Orders_number"
                """,
            ],
        ),
    ]
