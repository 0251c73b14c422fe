from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to orders_campaign for a moment; if its lock is not to be had soon, this fails: try
# again.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_validate_order_campaigns_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order_campaigns"
                    ADD CONSTRAINT
                        "orders_order_campaig_campaign_id_d0a97f5f_fk_orders_ca"
                        FOREIGN KEY ("campaign_id") REFERENCES
                        "orders_campaign" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "orders_order_campaigns"
                    DROP CONSTRAINT
                        "orders_order_campaig_campaign_id_d0a97f5f_fk_orders_ca"
                """,
            ],
        ),
    ]
