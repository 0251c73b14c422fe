from django.db import migrations


# Deploy 1 of 3 of what was 0002_party_user. Column user is to take the place of vat.
# From here on a trigger gives it the same value in every row that is written, whichever
# release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0002_remove_parties_by_name"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Parties"
                    ADD COLUMN "user" varchar(30)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_user_of_Parties"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        IF TG_OP = 'INSERT' THEN
                            IF NEW."user" IS NULL THEN
                                NEW."user" := NEW."vat";
                            ELSE
                                NEW."vat" := NEW."user";
                            END IF;
                        ELSIF NEW."user" IS DISTINCT FROM OLD."user" THEN
                            NEW."vat" := NEW."user";
                        ELSE
                            NEW."user" := NEW."vat";
                        END IF;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_user_of_Parties" BEFORE
                        INSERT OR UPDATE ON "Parties"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_user_of_Parties"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP TRIGGER "sync_user_of_Parties" ON "Parties"',
                'DROP FUNCTION "sync_user_of_Parties"()',
                'ALTER TABLE "Parties" DROP COLUMN "user"',
            ],
        ),
    ]
