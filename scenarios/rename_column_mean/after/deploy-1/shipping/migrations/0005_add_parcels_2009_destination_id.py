from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. Column destination_id is to take the place of
# Ship-To. From here on a trigger gives it the same value in every row that is written,
# whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0004_parcel_customer_number_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD COLUMN "destination_id" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "depot"."sync_destination_id_of_Parcels 2009"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF TG_OP = 'INSERT' THEN
                            IF NEW."destination_id" IS NULL THEN
                                NEW."destination_id" := NEW."Ship-To";
                            ELSE
                                NEW."Ship-To" := NEW."destination_id";
                            END IF;
                        ELSIF NEW."destination_id" IS DISTINCT FROM OLD."destination_id" THEN
                            NEW."Ship-To" := NEW."destination_id";
                        ELSE
                            NEW."destination_id" := NEW."Ship-To";
                        END IF;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_destination_id_of_Parcels 2009" BEFORE
                        INSERT OR UPDATE ON "depot"."Parcels 2009"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "depot"."sync_destination_id_of_Parcels 2009"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_destination_id_of_Parcels 2009"
                        ON "depot"."Parcels 2009"
                """,
                """
                    DROP FUNCTION
                        "depot"."sync_destination_id_of_Parcels 2009"()
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP COLUMN "destination_id"
                """,
            ],
        ),
    ]
