from django.db import migrations


# Deploy 2 of 3 of what was 0002_shorter. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0003_fill_codes_code_text_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT IF EXISTS
                        "text_new_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ADD CONSTRAINT "text_new_filled_codes_code" CHECK
                        ("text_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "codes_code"
                    VALIDATE CONSTRAINT "text_new_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "text_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT "text_new_filled_codes_code"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "text_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT IF EXISTS "text_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ADD CONSTRAINT "text_filled_codes_code" CHECK
                        ("text" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "codes_code"
                    VALIDATE CONSTRAINT "text_filled_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ALTER COLUMN "text" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT "text_filled_codes_code"
                """,
            ],
        ),
    ]
