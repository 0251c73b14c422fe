from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_shorter. Column short_new becomes short: only names
# change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0007_code_short_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DROP TRIGGER "sync_short_new_of_codes_code" ON
                                "codes_code"
                        """,
                        'DROP FUNCTION "sync_short_new_of_codes_code"()',
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f" RENAME TO
                                "codes_code_short_1ce8ca9f_old"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_like"
                                RENAME TO "codes_code_short_1ce8ca9f_like_old"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "short" TO "short_old"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "short_new" TO "short"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_new" RENAME
                                TO "codes_code_short_1ce8ca9f"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_like_new"
                                RENAME TO "codes_code_short_1ce8ca9f_like"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            ALTER COLUMN "short_old" DROP NOT NULL
                        """,
                        """
                            CREATE OR REPLACE FUNCTION
                                "sync_short_old_of_codes_code"() RETURNS
                                trigger LANGUAGE plpgsql AS $$
                            BEGIN
                                BEGIN
                                    NEW."short_old" := NEW."short"::varchar(40);
                                EXCEPTION WHEN data_exception THEN
                                    NEW."short_old" := NULL;
                                END;
                                RETURN NEW;
                            END
                            $$
                        """,
                        """
                            CREATE TRIGGER "sync_short_old_of_codes_code"
                                BEFORE INSERT OR UPDATE ON "codes_code"
                            FOR EACH ROW EXECUTE PROCEDURE
                                "sync_short_old_of_codes_code"()
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DROP TRIGGER "sync_short_old_of_codes_code" ON
                                "codes_code"
                        """,
                        'DROP FUNCTION "sync_short_old_of_codes_code"()',
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f" RENAME TO
                                "codes_code_short_1ce8ca9f_new"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_like"
                                RENAME TO "codes_code_short_1ce8ca9f_like_new"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "short" TO "short_new"
                        """,
                        """
                            ALTER TABLE "codes_code"
                            RENAME COLUMN "short_old" TO "short"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_old" RENAME
                                TO "codes_code_short_1ce8ca9f"
                        """,
                        """
                            ALTER INDEX "codes_code_short_1ce8ca9f_like_old"
                                RENAME TO "codes_code_short_1ce8ca9f_like"
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
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="code",
                    name="short",
                    field=models.CharField(db_index=True, max_length=12),
                ),
            ],
        ),
    ]
