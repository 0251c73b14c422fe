from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_wider. Column price_new becomes price: only names
# change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0011_item_price_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
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
                            ALTER INDEX "stock"."items_by_price" RENAME TO
                                "items_by_price_old"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "price" TO "price_old"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "price_new" TO "price"
                        """,
                        """
                            ALTER INDEX "stock"."items_by_price_new1" RENAME
                                TO "items_by_price"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            ALTER COLUMN "price_old" DROP NOT NULL
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
                    reverse_sql=[
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
                            ALTER INDEX "stock"."items_by_price" RENAME TO
                                "items_by_price_new1"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "price" TO "price_new"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "price_old" TO "price"
                        """,
                        """
                            ALTER INDEX "stock"."items_by_price_old" RENAME TO
                                "items_by_price"
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
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="item",
                    name="price",
                    field=models.DecimalField(
                        decimal_places=4,
                        default=0,
                        max_digits=10,
                    ),
                ),
            ],
        ),
    ]
