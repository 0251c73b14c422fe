from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. Column destination_id stands alone, since no
# running code asks for Ship-To: only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0016_drop_parcels_2009_cust_no"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    ALTER INDEX
                        "depot"."Parcels 2009_Ship-To_53800aba" RENAME
                        TO "Parcels 2009_Ship-To_53800aba_old"
                """,
                """
                    ALTER INDEX
                        "depot"."Parcels 2009_Ship-To_53800aba_new"
                        RENAME TO "Parcels 2009_Ship-To_53800aba"
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    RENAME CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                        TO
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id"
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "depot"."sync_Ship-To_of_Parcels 2009"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."Ship-To" := NEW."destination_id";
                        EXCEPTION WHEN data_exception THEN
                            NEW."Ship-To" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_Ship-To_of_Parcels 2009"
                        BEFORE INSERT OR UPDATE ON
                        "depot"."Parcels 2009"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "depot"."sync_Ship-To_of_Parcels 2009"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_Ship-To_of_Parcels 2009" ON
                        "depot"."Parcels 2009"
                """,
                """
                    DROP FUNCTION
                        "depot"."sync_Ship-To_of_Parcels 2009"()
                """,
                """
                    ALTER INDEX
                        "depot"."Parcels 2009_Ship-To_53800aba" RENAME
                        TO "Parcels 2009_Ship-To_53800aba_new"
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    RENAME CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id"
                        TO
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                """,
                """
                    ALTER INDEX
                        "depot"."Parcels 2009_Ship-To_53800aba_old"
                        RENAME TO "Parcels 2009_Ship-To_53800aba"
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
        ),
    ]
