from django.db import migrations


# Deploy 2 of 3 of what was 0002_shorter. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0006_fill_codes_code_text_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT IF EXISTS
                        "short_new_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ADD CONSTRAINT "short_new_filled_codes_code" CHECK
                        ("short_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "codes_code"
                    VALIDATE CONSTRAINT "short_new_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "short_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT "short_new_filled_codes_code"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "short_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT IF EXISTS
                        "short_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ADD CONSTRAINT "short_filled_codes_code" CHECK
                        ("short" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "codes_code"
                    VALIDATE CONSTRAINT "short_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "short" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT "short_filled_codes_code"
                """,
            ],
        ),
    ]
