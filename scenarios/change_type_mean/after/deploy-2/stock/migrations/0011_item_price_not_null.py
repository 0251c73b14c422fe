from django.db import migrations


# Deploy 2 of 3 of what was 0002_wider. A CHECK that is validated while everybody reads
# and writes proves that no row is without a value; SET NOT NULL then reads no row. Each
# statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0010_switch_item_list_item_no"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS
                        "price_new_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT "price_new_filled_Item list" CHECK
                        ("price_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    VALIDATE CONSTRAINT "price_new_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "price_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT "price_new_filled_Item list"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "price_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT IF EXISTS "price_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ADD CONSTRAINT "price_filled_Item list" CHECK
                        ("price" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "stock"."Item list"
                    VALIDATE CONSTRAINT "price_filled_Item list"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    ALTER COLUMN "price" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "stock"."Item list"
                    DROP CONSTRAINT "price_filled_Item list"
                """,
            ],
        ),
    ]
