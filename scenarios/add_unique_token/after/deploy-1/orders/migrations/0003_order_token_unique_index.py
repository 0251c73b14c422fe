from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0002_add_order_token"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_token_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "orders_order_token_key"
                    ON "orders_order" ("token")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_token_key"
            """,
        ),
    ]
