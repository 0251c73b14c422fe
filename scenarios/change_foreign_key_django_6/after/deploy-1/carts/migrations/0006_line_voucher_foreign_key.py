from django.db import migrations


# Deploy 1 of 2 of what was 0002_cascade_in_database. Holds for new rows from now on;
# none of those that are there is read. Nobody can write to carts_voucher for a moment;
# if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0005_exchange_line_cart_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Cart lines"
                    ADD CONSTRAINT
                        "Cart lines_voucher_id_fbce2007_fk_carts_voucher_id_new"
                        FOREIGN KEY ("voucher_id") REFERENCES
                        "carts_voucher" ("id") ON DELETE SET NULL
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "Cart lines"
                DROP CONSTRAINT
                    "Cart lines_voucher_id_fbce2007_fk_carts_voucher_id_new"
            """,
        ),
    ]
