from django.db import migrations


# Deploy 1 of 3 of what was 0002_shorter. Column text_new is to take the place of text.
# From here on a trigger gives it the same value in every row that is written, whichever
# release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0004_code_short_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "codes_code"
                    ADD COLUMN "text_new" varchar(10)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_text_new_of_codes_code"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."text_new" := CASE WHEN char_length(NEW."text") <= 10 THEN NEW."text"::varchar(10) END;
                        EXCEPTION WHEN data_exception THEN
                            NEW."text_new" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_text_new_of_codes_code"
                        BEFORE INSERT OR UPDATE ON "codes_code"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_text_new_of_codes_code"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_text_new_of_codes_code" ON
                        "codes_code"
                """,
                'DROP FUNCTION "sync_text_new_of_codes_code"()',
                'ALTER TABLE "codes_code" DROP COLUMN "text_new"',
            ],
        ),
    ]
