from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. No running code knows Ship-To any more.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0019_fill_parcels_2009_ship_to"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP COLUMN "Ship-To"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD COLUMN "Ship-To" bigint
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
        ),
    ]
