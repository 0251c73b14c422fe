from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0006_add_order_warehouse"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_warehouse_96c29669"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "orders_order_warehouse_96c29669"
                    ON "orders_order" ("warehouse")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_warehouse_96c29669"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_warehouse_96c29669_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "orders_order_warehouse_96c29669_like"
                    ON "orders_order" ("warehouse"
                        varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_warehouse_96c29669_like"
            """,
        ),
    ]
