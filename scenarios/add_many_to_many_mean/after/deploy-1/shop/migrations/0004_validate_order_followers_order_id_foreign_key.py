from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_order_followers_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Orders followed"
                VALIDATE CONSTRAINT
                    "Orders followed_order_id_6467bd57_fk_Orders_number"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
