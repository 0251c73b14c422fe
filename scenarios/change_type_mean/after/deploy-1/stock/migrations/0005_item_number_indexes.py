from django.db import migrations


# Deploy 1 of 3 of what was 0002_wider. Indexes and constraints as the column has them,
# made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0004_fill_item_list_item_no_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."Item list_Item No_2a2517c2_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Item list_Item No_2a2517c2_new"
                    ON "stock"."Item list" ("Item No_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "stock"."Item list_Item No_2a2517c2_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS
                        "Item list_Item No_place_c4941ad3_uniq_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."Item list_Item No_place_c4941ad3_uniq_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Item list_Item No_place_c4941ad3_uniq_new"
                    ON "stock"."Item list" ("Item No_new", "place")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT
                        "Item list_Item No_place_c4941ad3_uniq_new"
                        UNIQUE USING INDEX
                        "Item list_Item No_place_c4941ad3_uniq_new"
                """,
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "stock"."Item list"
                DROP CONSTRAINT IF EXISTS
                    "Item list_Item No_place_c4941ad3_uniq_new"
            """,
        ),
    ]
