from django.db import migrations


# Deploy 3 of 3 of what was 0002_balance. No running code knows bal any more.
class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0007_fill_bank_account_bal"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_bal_of_bank_account" ON
                        "bank_account"
                """,
                'DROP FUNCTION "sync_bal_of_bank_account"()',
                'ALTER TABLE "bank_account" DROP COLUMN "bal"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "bank_account"
                    ADD COLUMN "bal" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_bal_of_bank_account"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."bal" := NEW."balance";
                        EXCEPTION WHEN data_exception THEN
                            NEW."bal" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_bal_of_bank_account" BEFORE
                        INSERT OR UPDATE ON "bank_account"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_bal_of_bank_account"()
                """,
            ],
        ),
    ]
