from django.db import migrations


# Deploy 2 of 3 of what was 0002_wider. A CHECK that is validated while everybody reads
# and writes proves that no row is without a value; SET NOT NULL then reads no row. Each
# statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0008_item_price_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS
                        "Item No_new_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT "Item No_new_filled_Item list"
                        CHECK ("Item No_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    VALIDATE CONSTRAINT "Item No_new_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "Item No_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT "Item No_new_filled_Item list"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "Item No_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS
                        "Item No_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT "Item No_filled_Item list" CHECK
                        ("Item No" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    VALIDATE CONSTRAINT "Item No_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "Item No" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT "Item No_filled_Item list"
                """,
            ],
        ),
    ]
