from django.db import migrations


# Deploy 1 of 3 of what was 0002_shorter. Column short_new is to take the place of
# short. From here on a trigger gives it the same value in every row that is written,
# whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "codes_code"
                    ADD COLUMN "short_new" varchar(12)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_short_new_of_codes_code"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."short_new" := CASE WHEN char_length(NEW."short") <= 12 THEN NEW."short"::varchar(12) END;
                        EXCEPTION WHEN data_exception THEN
                            NEW."short_new" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_short_new_of_codes_code"
                        BEFORE INSERT OR UPDATE ON "codes_code"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_short_new_of_codes_code"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_short_new_of_codes_code" ON
                        "codes_code"
                """,
                'DROP FUNCTION "sync_short_new_of_codes_code"()',
                'ALTER TABLE "codes_code" DROP COLUMN "short_new"',
            ],
        ),
    ]
