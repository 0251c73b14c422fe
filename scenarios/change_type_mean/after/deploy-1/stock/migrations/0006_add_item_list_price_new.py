from django.db import migrations


# Deploy 1 of 3 of what was 0002_wider. Column price_new is to take the place of price.
# From here on a trigger gives it the same value in every row that is written, whichever
# release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0005_item_number_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "stock"."Item list"
                    ADD COLUMN "price_new" numeric(10,4)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "stock"."sync_price_new_of_Item list"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."price_new" := NEW."price"::numeric(10,4);
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_price_new_of_Item list"
                        BEFORE INSERT OR UPDATE ON "stock"."Item list"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "stock"."sync_price_new_of_Item list"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_price_new_of_Item list" ON
                        "stock"."Item list"
                """,
                """
                    DROP FUNCTION
                        "stock"."sync_price_new_of_Item list"()
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    DROP COLUMN "price_new"
                """,
            ],
        ),
    ]
