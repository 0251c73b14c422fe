from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0002_add_order_customer"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_customer_id_0b76f6a4"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "orders_order_customer_id_0b76f6a4"
                    ON "orders_order" ("customer_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_customer_id_0b76f6a4"
            """,
        ),
    ]
