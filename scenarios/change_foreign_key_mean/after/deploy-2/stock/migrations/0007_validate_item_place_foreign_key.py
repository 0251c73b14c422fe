from django.db import migrations


# Deploy 2 of 2 of what was 0002_stores. Reads the rows while everybody keeps working,
# so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0006_item_place_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Stock Items"
                VALIDATE CONSTRAINT
                    "Stock Items_Wo_119f37f1_fk_Stores_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
