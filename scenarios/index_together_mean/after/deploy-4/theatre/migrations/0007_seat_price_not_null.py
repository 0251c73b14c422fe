from django.db import migrations, models


# Deploy 4 of 4 of what was 0003_required. The rows are read by VALIDATE, while
# everybody reads and writes; each statement commits by itself, so that no lock is held
# meanwhile. If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("theatre", "0006_backfill_seat_price"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Seats"
                            DROP CONSTRAINT IF EXISTS "Seats_price_proof",
                            ADD CONSTRAINT "Seats_price_proof" CHECK ("price"
                                IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "Seats"
                            VALIDATE CONSTRAINT "Seats_price_proof"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Seats"
                            ALTER COLUMN "price" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "Seats"
                            DROP CONSTRAINT "Seats_price_proof"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "Seats"
                        ALTER COLUMN "price" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="seat",
                    name="price",
                    field=models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=8,
                    ),
                ),
            ],
        ),
    ]
