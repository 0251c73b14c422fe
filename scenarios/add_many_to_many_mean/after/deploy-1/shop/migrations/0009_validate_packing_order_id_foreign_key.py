from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0008_packing_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Packings"
                VALIDATE CONSTRAINT
                    "Packings_order_id_ba517e1b_fk_Orders_number"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
