from django.db import migrations


# Deploy 2 of 2 of what was 0002_cascade_in_database. Holds for new rows from now on;
# none of those that are there is read. Nobody can write to carts_cart for a moment; if
# its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0005_exchange_line_cart_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "carts_cart"
                    ADD CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id_new"
                        FOREIGN KEY ("parent_id") REFERENCES
                        "carts_cart" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "carts_cart"
                    DROP CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id_new"
                """,
            ],
        ),
    ]
