from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_order_customer_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "orders_order"
                VALIDATE CONSTRAINT
                    "orders_order_customer_id_0b76f6a4_fk_customers_customer_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
