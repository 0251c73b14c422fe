from django.db import migrations


# Deploy 2 of 3 of what was 0002_shorter. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value that had one. Each statement
# commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0008_switch_codes_code_short"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT IF EXISTS
                        "text_new_fits_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    ADD CONSTRAINT "text_new_fits_codes_code" CHECK
                        (("text_new" IS NULL) = ("text" IS NULL)) NOT
                        VALID
                """,
                """
                    ALTER TABLE "codes_code"
                    VALIDATE CONSTRAINT "text_new_fits_codes_code"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "codes_code"
                    DROP CONSTRAINT "text_new_fits_codes_code"
                """,
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
