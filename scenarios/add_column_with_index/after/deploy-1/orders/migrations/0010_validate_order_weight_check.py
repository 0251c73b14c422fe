from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0009_order_weight_check"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "orders_order"
                VALIDATE CONSTRAINT "orders_order_weight_check"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
