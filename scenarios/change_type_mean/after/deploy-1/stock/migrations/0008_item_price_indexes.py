from django.db import migrations


# Deploy 1 of 3 of what was 0002_wider. Indexes and constraints as the column has them,
# made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0007_fill_item_list_price_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."items_by_price_new1"
                """,
                """
                    CREATE INDEX CONCURRENTLY "items_by_price_new1"
                    ON "stock"."Item list" ("price_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "stock"."items_by_price_new1"
            """,
        ),
    ]
