from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_order_campaigns_campaign_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "orders_order_campaigns"
                VALIDATE CONSTRAINT
                    "orders_order_campaig_campaign_id_d0a97f5f_fk_orders_ca"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
