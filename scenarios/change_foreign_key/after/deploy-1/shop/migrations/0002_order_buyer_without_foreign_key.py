import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_order_buyer. Both tables are locked for a moment: this
# gives up soon if they are not to be had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '500ms'",
                        'LOCK TABLE "shop_person" IN ACCESS EXCLUSIVE MODE',
                        """
                            ALTER TABLE "shop_order"
                            DROP CONSTRAINT
                                "shop_order_buyer_id_cffd21d9_fk_shop_person_id"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '500ms'",
                        """
                            ALTER TABLE "shop_order"
                            ADD CONSTRAINT
                                "shop_order_buyer_id_cffd21d9_fk_shop_person_id"
                                FOREIGN KEY ("buyer_id") REFERENCES
                                "shop_person" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="order",
                    name="buyer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="shop.company",
                    ),
                ),
            ],
        ),
    ]
