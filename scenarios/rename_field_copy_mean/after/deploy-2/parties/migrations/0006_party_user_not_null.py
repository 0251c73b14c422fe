from django.db import migrations


# Deploy 2 of 3 of what was 0002_party_user. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0005_party_user_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT IF EXISTS "user_filled_Parties"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ADD CONSTRAINT "user_filled_Parties" CHECK ("user"
                        IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "Parties"
                    VALIDATE CONSTRAINT "user_filled_Parties"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ALTER COLUMN "user" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT "user_filled_Parties"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "Parties"
                    ALTER COLUMN "user" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT IF EXISTS "vat_filled_Parties"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ADD CONSTRAINT "vat_filled_Parties" CHECK ("vat"
                        IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "Parties"
                    VALIDATE CONSTRAINT "vat_filled_Parties"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ALTER COLUMN "vat" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT "vat_filled_Parties"
                """,
            ],
        ),
    ]
