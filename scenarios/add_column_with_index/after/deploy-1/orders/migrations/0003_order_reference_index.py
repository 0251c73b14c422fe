from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0002_add_order_reference"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_reference_d902bed1_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "orders_order_reference_d902bed1_like"
                    ON "orders_order" ("reference"
                        varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_reference_d902bed1_like"
            """,
        ),
    ]
