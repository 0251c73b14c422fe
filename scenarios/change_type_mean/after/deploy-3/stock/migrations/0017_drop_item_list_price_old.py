from django.db import migrations


# Deploy 3 of 3 of what was 0002_wider. No running code knows price_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0016_fill_item_list_price_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_price_old_of_Item list" ON
                        "Item list"
                """,
                'DROP FUNCTION "sync_price_old_of_Item list"()',
                'ALTER TABLE "Item list" DROP COLUMN "price_old"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Item list"
                    ADD COLUMN "price_old" numeric(8,2)
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_price_old_of_Item list"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
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
                        BEFORE INSERT OR UPDATE ON "Item list"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_price_old_of_Item list"()
                """,
            ],
        ),
    ]
