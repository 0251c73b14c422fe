from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. Column customer_number stands alone, since no
# running code asks for Cust No: only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0012_parcel_destination"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    RENAME CONSTRAINT "Parcels 2009_Cust No_key" TO
                        "Parcels 2009_Cust No_key_old"
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    RENAME CONSTRAINT "Parcels 2009_Cust No_key_new"
                        TO "Parcels 2009_Cust No_key"
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ALTER COLUMN "Cust No" DROP NOT NULL
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "depot"."sync_Cust No_of_Parcels 2009"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."Cust No" := NEW."customer_number";
                        EXCEPTION WHEN data_exception THEN
                            NEW."Cust No" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_Cust No_of_Parcels 2009"
                        BEFORE INSERT OR UPDATE ON
                        "depot"."Parcels 2009"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "depot"."sync_Cust No_of_Parcels 2009"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_Cust No_of_Parcels 2009" ON
                        "depot"."Parcels 2009"
                """,
                """
                    DROP FUNCTION
                        "depot"."sync_Cust No_of_Parcels 2009"()
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    RENAME CONSTRAINT "Parcels 2009_Cust No_key" TO
                        "Parcels 2009_Cust No_key_new"
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    RENAME CONSTRAINT "Parcels 2009_Cust No_key_old"
                        TO "Parcels 2009_Cust No_key"
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
        ),
    ]
