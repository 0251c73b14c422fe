from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_wider. Column Item No_new becomes Item No: only names
# change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0009_item_number_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DROP TRIGGER "sync_Item No_new_of_Item list" ON
                                "stock"."Item list"
                        """,
                        """
                            DROP FUNCTION
                                "stock"."sync_Item No_new_of_Item list"()
                        """,
                        """
                            ALTER INDEX "stock"."Item list_Item No_2a2517c2"
                                RENAME TO "Item list_Item No_2a2517c2_old"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME CONSTRAINT
                                "Item list_Item No_place_c4941ad3_uniq" TO
                                "Item list_Item No_place_c4941ad3_uniq_old"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "Item No" TO "Item No_old"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "Item No_new" TO "Item No"
                        """,
                        """
                            ALTER INDEX
                                "stock"."Item list_Item No_2a2517c2_new"
                                RENAME TO "Item list_Item No_2a2517c2"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME CONSTRAINT
                                "Item list_Item No_place_c4941ad3_uniq_new" TO
                                "Item list_Item No_place_c4941ad3_uniq"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            ALTER COLUMN "Item No_old" DROP NOT NULL
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
                    reverse_sql=[
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
                            ALTER INDEX "stock"."Item list_Item No_2a2517c2"
                                RENAME TO "Item list_Item No_2a2517c2_new"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME CONSTRAINT
                                "Item list_Item No_place_c4941ad3_uniq" TO
                                "Item list_Item No_place_c4941ad3_uniq_new"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "Item No" TO "Item No_new"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME COLUMN "Item No_old" TO "Item No"
                        """,
                        """
                            ALTER INDEX
                                "stock"."Item list_Item No_2a2517c2_old"
                                RENAME TO "Item list_Item No_2a2517c2"
                        """,
                        """
                            ALTER TABLE "stock"."Item list"
                            RENAME CONSTRAINT
                                "Item list_Item No_place_c4941ad3_uniq_old" TO
                                "Item list_Item No_place_c4941ad3_uniq"
                        """,
                        """
                            CREATE OR REPLACE FUNCTION
                                "stock"."sync_Item No_new_of_Item list"()
                                RETURNS trigger LANGUAGE plpgsql AS $$
                            BEGIN
                                NEW."Item No_new" := NEW."Item No"::bigint;
                                RETURN NEW;
                            END
                            $$
                        """,
                        """
                            CREATE TRIGGER "sync_Item No_new_of_Item list"
                                BEFORE INSERT OR UPDATE ON "stock"."Item list"
                            FOR EACH ROW EXECUTE PROCEDURE
                                "stock"."sync_Item No_new_of_Item list"()
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="item",
                    name="number",
                    field=models.BigIntegerField(db_column="Item No", db_index=True),
                ),
            ],
        ),
    ]
