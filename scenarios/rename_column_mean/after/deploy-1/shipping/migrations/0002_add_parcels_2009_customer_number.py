from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. Column customer_number is to take the place of
# Cust No. From here on a trigger gives it the same value in every row that is written,
# whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD COLUMN "customer_number" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "depot"."sync_customer_number_of_Parcels 2009"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF TG_OP = 'INSERT' THEN
                            IF NEW."customer_number" IS NULL THEN
                                NEW."customer_number" := NEW."Cust No";
                            ELSE
                                NEW."Cust No" := NEW."customer_number";
                            END IF;
                        ELSIF NEW."customer_number" IS DISTINCT FROM OLD."customer_number" THEN
                            NEW."Cust No" := NEW."customer_number";
                        ELSE
                            NEW."customer_number" := NEW."Cust No";
                        END IF;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_customer_number_of_Parcels 2009" BEFORE
                        INSERT OR UPDATE ON "depot"."Parcels 2009"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "depot"."sync_customer_number_of_Parcels 2009"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER
                        "sync_customer_number_of_Parcels 2009" ON
                        "depot"."Parcels 2009"
                """,
                """
                    DROP FUNCTION
                        "depot"."sync_customer_number_of_Parcels 2009"()
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP COLUMN "customer_number"
                """,
            ],
        ),
    ]
