from django.db import migrations, models

import shop.models


# Deploy 3 of 3 of what was 0003_fields. The rows are read by VALIDATE, while everybody
# reads and writes; each statement commits by itself, so that no lock is held meanwhile.
# If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0007_parcel_number_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "shop_pallet"
                            DROP CONSTRAINT IF EXISTS
                                "shop_pallet_Tracking No_proof",
                            ADD CONSTRAINT "shop_pallet_Tracking No_proof"
                                CHECK ("Tracking No" IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "shop_pallet"
                            VALIDATE CONSTRAINT
                                "shop_pallet_Tracking No_proof"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "shop_pallet"
                            ALTER COLUMN "Tracking No" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "shop_pallet"
                            DROP CONSTRAINT "shop_pallet_Tracking No_proof"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "shop_pallet"
                        ALTER COLUMN "Tracking No" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="pallet",
                    name="number",
                    field=models.CharField(
                        db_column="Tracking No",
                        default=shop.models.unknown,
                        max_length=64,
                        verbose_name="tracking number",
                    ),
                ),
            ],
        ),
    ]
