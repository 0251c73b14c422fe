from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_order_note_required. The rows are read by VALIDATE,
# while everybody reads and writes; each statement commits by itself, so that no lock is
# held meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0003_backfill_order_note"),
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
                                "orders_order_note_proof",
                            ADD CONSTRAINT "orders_order_note_proof" CHECK
                                ("note" IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "orders_order"
                            VALIDATE CONSTRAINT "orders_order_note_proof"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "orders_order"
                            ALTER COLUMN "note" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "orders_order"
                            DROP CONSTRAINT "orders_order_note_proof"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "orders_order"
                        ALTER COLUMN "note" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="order",
                    name="note",
                    field=models.TextField(blank=True, default=""),
                ),
            ],
        ),
    ]
