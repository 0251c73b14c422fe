from django.db import migrations


# Deploy 3 of 3 of what was 0002_wider. What was there for the columns that go. Indexes
# are dropped concurrently, so that nobody waits; constraints in a moment; if that
# fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0012_switch_item_list_price"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "stock"."Item list"
                DROP CONSTRAINT IF EXISTS
                    "Item list_Item No_place_c4941ad3_uniq_old"
            """,
            reverse_sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS
                        "Item list_Item No_place_c4941ad3_uniq_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."Item list_Item No_place_c4941ad3_uniq_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Item list_Item No_place_c4941ad3_uniq_old"
                    ON "stock"."Item list" ("Item No_old", "place")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT
                        "Item list_Item No_place_c4941ad3_uniq_old"
                        UNIQUE USING INDEX
                        "Item list_Item No_place_c4941ad3_uniq_old"
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "stock"."Item list_Item No_2a2517c2_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."Item list_Item No_2a2517c2_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Item list_Item No_2a2517c2_old"
                    ON "stock"."Item list" ("Item No_old")
                """,
            ],
        ),
    ]
