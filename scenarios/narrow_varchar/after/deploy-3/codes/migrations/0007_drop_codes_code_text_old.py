from django.db import migrations


# Deploy 3 of 3 of what was 0002_shorter. No running code knows text_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0006_fill_codes_code_text_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_text_old_of_codes_code" ON
                        "codes_code"
                """,
                'DROP FUNCTION "sync_text_old_of_codes_code"()',
                'ALTER TABLE "codes_code" DROP COLUMN "text_old"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "codes_code"
                    ADD COLUMN "text_old" varchar(40)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_text_old_of_codes_code"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."text_old" := NEW."text"::varchar(40);
                        EXCEPTION WHEN data_exception THEN
                            NEW."text_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_text_old_of_codes_code"
                        BEFORE INSERT OR UPDATE ON "codes_code"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_text_old_of_codes_code"()
                """,
            ],
        ),
    ]
