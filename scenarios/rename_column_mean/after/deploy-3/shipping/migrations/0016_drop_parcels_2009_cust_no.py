from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. No running code knows Cust No any more.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0015_fill_parcels_2009_cust_no"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    DROP COLUMN "Cust No"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD COLUMN "Cust No" integer
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
        ),
    ]
