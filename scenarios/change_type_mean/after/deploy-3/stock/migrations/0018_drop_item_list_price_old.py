from django.db import migrations


# Deploy 3 of 3 of what was 0002_wider. No running code knows price_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0017_fill_item_list_price_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_price_old_of_Item list" ON
                        "stock"."Item list"
                """,
                """
                    DROP FUNCTION
                        "stock"."sync_price_old_of_Item list"()
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    DROP COLUMN "price_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "stock"."Item list"
                    ADD COLUMN "price_old" numeric(8,2)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "stock"."sync_price_old_of_Item list"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."price_old" := NEW."price"::numeric(8,2);
                        EXCEPTION WHEN data_exception THEN
                            NEW."price_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_price_old_of_Item list"
                        BEFORE INSERT OR UPDATE ON "stock"."Item list"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "stock"."sync_price_old_of_Item list"()
                """,
            ],
        ),
    ]
