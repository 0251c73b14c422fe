from django.db import migrations


# Deploy 3 of 3 of what was 0002_balance. Column balance stands alone, since no running
# code asks for bal: only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0005_account_balance"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_balance_of_bank_account" ON
                        "bank_account"
                """,
                'DROP FUNCTION "sync_balance_of_bank_account"()',
                """
                    ALTER TABLE "bank_account"
                    ALTER COLUMN "bal" DROP NOT NULL
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
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_bal_of_bank_account" ON
                        "bank_account"
                """,
                'DROP FUNCTION "sync_bal_of_bank_account"()',
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_balance_of_bank_account"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF TG_OP = 'INSERT' THEN
                            IF NEW."balance" IS NULL THEN
                                NEW."balance" := NEW."bal";
                            ELSE
                                NEW."bal" := NEW."balance";
                            END IF;
                        ELSIF NEW."balance" IS DISTINCT FROM OLD."balance" THEN
                            NEW."bal" := NEW."balance";
                        ELSE
                            NEW."balance" := NEW."bal";
                        END IF;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_balance_of_bank_account"
                        BEFORE INSERT OR UPDATE ON "bank_account"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_balance_of_bank_account"()
                """,
            ],
        ),
    ]
