from django.db import migrations


# Deploy 2 of 2 of what was 0002_order_buyer. Reads the rows while everybody keeps
# working, so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_order_buyer_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "shop_order"
                VALIDATE CONSTRAINT
                    "shop_order_buyer_id_cffd21d9_fk_shop_company_person_ptr_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
