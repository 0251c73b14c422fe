from django.db import migrations


# Deploy 2 of 2 of what was 0002_positive. Reads the rows while everybody keeps working,
# so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_order_pieces_check"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "orders_order"
                VALIDATE CONSTRAINT
                    "orders_order_pieces_46c7a555_check"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
