from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_order_campaigns_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "orders_order_campaigns"
                VALIDATE CONSTRAINT
                    "orders_order_campaigns_order_id_3625f957_fk_orders_order_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
