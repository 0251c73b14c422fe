from django.db import migrations


# Deploy 3 of 3 of what was 0002_wider. What was there for the columns that go. Indexes
# are dropped concurrently, so that nobody waits; constraints in a moment; if that
# fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0015_drop_item_list_item_no_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "stock"."items_by_price_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "stock"."items_by_price_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY "items_by_price_old"
                    ON "stock"."Item list" ("price_old")
                """,
            ],
        ),
    ]
