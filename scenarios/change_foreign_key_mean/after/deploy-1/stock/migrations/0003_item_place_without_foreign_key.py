import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_stores. Both tables are locked for a moment: this gives
# up soon if they are not to be had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0002_item_keeper"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Stock Items"
                            DROP CONSTRAINT
                                "Stock Items_Wo_119f37f1_fk_stores_shop_store_ptr_id"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Stock Items"
                            ADD CONSTRAINT
                                "Stock Items_Wo_119f37f1_fk_stores_shop_store_ptr_id"
                                FOREIGN KEY ("Wo") REFERENCES "stores_shop"
                                ("store_ptr_id") DEFERRABLE INITIALLY DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="item",
                    name="place",
                    field=models.ForeignKey(
                        db_column="Wo",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stores.store",
                    ),
                ),
            ],
        ),
    ]
