from django.db import migrations


# Deploy 1 of 3 of what was 0002_balance. Column balance is to take the place of bal.
# From here on a trigger gives it the same value in every row that is written, whichever
# release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "bank_account"
                    ADD COLUMN "balance" integer
                """,
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
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_balance_of_bank_account" ON
                        "bank_account"
                """,
                'DROP FUNCTION "sync_balance_of_bank_account"()',
                'ALTER TABLE "bank_account" DROP COLUMN "balance"',
            ],
        ),
    ]
