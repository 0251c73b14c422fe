from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_shorter. Column text_new becomes text: only names
# change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0009_code_text_complete"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DROP TRIGGER "sync_text_new_of_codes_code" ON
                                "codes_code"
                        """,
                        'DROP FUNCTION "sync_text_new_of_codes_code"()',
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "text" TO "text_old"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "text_new" TO "text"
                        """,
                        """
                            CREATE OR REPLACE FUNCTION
                                "sync_text_old_of_codes_code"() RETURNS
                                trigger LANGUAGE plpgsql AS $$
                            BEGIN
                                BEGIN
                                    NEW."text_old" := NEW."text"::text;
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
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DROP TRIGGER "sync_text_old_of_codes_code" ON
                                "codes_code"
                        """,
                        'DROP FUNCTION "sync_text_old_of_codes_code"()',
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "text" TO "text_new"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "text_old" TO "text"
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
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="code",
                    name="text",
                    field=models.CharField(max_length=10, null=True),
                ),
            ],
        ),
    ]
