from django.db import migrations


# Deploy 1 of 2 of what was 0002_cascade_in_database. Holds for new rows from now on;
# none of those that are there is read. Nobody can write to carts_cart for a moment; if
# its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0002_cart_parent"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Cart lines"
                    ADD CONSTRAINT
                        "Cart lines_cart_id_2a9c94db_fk_carts_cart_id_new"
                        FOREIGN KEY ("cart_id") REFERENCES
                        "carts_cart" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Cart lines"
                    DROP CONSTRAINT
                        "Cart lines_cart_id_2a9c94db_fk_carts_cart_id_new"
                """,
            ],
        ),
    ]
