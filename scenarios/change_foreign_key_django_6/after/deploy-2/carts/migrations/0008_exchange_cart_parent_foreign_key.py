from django.db import migrations


# Deploy 2 of 2 of what was 0002_cascade_in_database. The new foreign key takes the
# place of the old one. Both tables are locked for a moment: this gives up soon if they
# are not to be had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0007_validate_cart_parent_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "carts_cart"
                    DROP CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id"
                """,
                """
                    ALTER TABLE "carts_cart"
                    RENAME CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id_new"
                        TO
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "carts_cart"
                    RENAME CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id"
                        TO
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id_new"
                """,
                """
                    ALTER TABLE "carts_cart"
                    ADD CONSTRAINT
                        "carts_cart_parent_id_e030a0e3_fk_carts_cart_id"
                        FOREIGN KEY ("parent_id") REFERENCES
                        "carts_cart" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
