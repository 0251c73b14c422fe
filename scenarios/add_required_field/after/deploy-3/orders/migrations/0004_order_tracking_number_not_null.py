from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_order_tracking_number. The rows are read by VALIDATE,
# while everybody reads and writes; each statement commits by itself, so that no lock is
# held meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0003_backfill_order_tracking_number"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "orders_order"
                            DROP CONSTRAINT IF EXISTS
                                "orders_order_tracking_number_proof",
                            ADD CONSTRAINT
                                "orders_order_tracking_number_proof" CHECK
                                ("tracking_number" IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "orders_order"
                            VALIDATE CONSTRAINT
                                "orders_order_tracking_number_proof"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "orders_order"
                            ALTER COLUMN "tracking_number" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "orders_order"
                            DROP CONSTRAINT
                                "orders_order_tracking_number_proof"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "orders_order"
                        ALTER COLUMN "tracking_number" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="order",
                    name="tracking_number",
                    field=models.CharField(blank=True, default="", max_length=64),
                ),
            ],
        ),
    ]
