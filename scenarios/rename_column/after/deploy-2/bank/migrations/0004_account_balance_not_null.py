from django.db import migrations


# Deploy 2 of 3 of what was 0002_balance. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("bank", "0003_fill_bank_account_balance"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    DROP CONSTRAINT IF EXISTS
                        "balance_filled_bank_account"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    ADD CONSTRAINT "balance_filled_bank_account" CHECK
                        ("balance" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "bank_account"
                    VALIDATE CONSTRAINT "balance_filled_bank_account"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    ALTER COLUMN "balance" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    DROP CONSTRAINT "balance_filled_bank_account"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "bank_account"
                    ALTER COLUMN "balance" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    DROP CONSTRAINT IF EXISTS
                        "bal_filled_bank_account"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    ADD CONSTRAINT "bal_filled_bank_account" CHECK
                        ("bal" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "bank_account"
                    VALIDATE CONSTRAINT "bal_filled_bank_account"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    ALTER COLUMN "bal" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "bank_account"
                    DROP CONSTRAINT "bal_filled_bank_account"
                """,
            ],
        ),
    ]
