from django.db import migrations, models

import shop.models


# Deploy 3 of 3 of what was 0003_fields. The rows are read by VALIDATE, while everybody
# reads and writes; each statement commits by itself, so that no lock is held meanwhile.
# If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0006_backfill_pallet_number"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Parcels (old)"
                            DROP CONSTRAINT IF EXISTS
                                "Parcels (old)_Tracking No_proof1",
                            ADD CONSTRAINT "Parcels (old)_Tracking No_proof1"
                                CHECK ("Tracking No" IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "Parcels (old)"
                            VALIDATE CONSTRAINT
                                "Parcels (old)_Tracking No_proof1"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Parcels (old)"
                            ALTER COLUMN "Tracking No" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Parcels (old)"
                            DROP CONSTRAINT "Parcels (old)_Tracking No_proof1"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "Parcels (old)"
                        ALTER COLUMN "Tracking No" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="parcel",
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
