from django.db import migrations


# Deploy 2 of 2 of what was 0002_order_buyer. Holds for new rows from now on; none of
# those that are there is read. Nobody can write to shop_company for a moment; if its
# lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_order_buyer_without_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "shop_order"
                    ADD CONSTRAINT
                        "shop_order_buyer_id_cffd21d9_fk_shop_company_person_ptr_id"
                        FOREIGN KEY ("buyer_id") REFERENCES
                        "shop_company" ("person_ptr_id") DEFERRABLE
                        INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "shop_order"
                DROP CONSTRAINT
                    "shop_order_buyer_id_cffd21d9_fk_shop_company_person_ptr_id"
            """,
        ),
    ]
