from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0003_order_reference_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_reference_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "orders_order_reference_key"
                    ON "orders_order" ("reference")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_reference_key"
            """,
        ),
    ]
