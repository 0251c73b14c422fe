from django.db import migrations


# Deploy 3 of 3 of what was 0002_wider. No running code knows Item No_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0014_fill_item_list_item_no_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_Item No_old_of_Item list" ON
                        "stock"."Item list"
                """,
                """
                    DROP FUNCTION
                        "stock"."sync_Item No_old_of_Item list"()
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    DROP COLUMN "Item No_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "stock"."Item list"
                    ADD COLUMN "Item No_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "stock"."sync_Item No_old_of_Item list"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."Item No_old" := NEW."Item No"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."Item No_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_Item No_old_of_Item list"
                        BEFORE INSERT OR UPDATE ON "stock"."Item list"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "stock"."sync_Item No_old_of_Item list"()
                """,
            ],
        ),
    ]
