from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0006_add_order_replaces"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_replaces_id_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "orders_order_replaces_id_key"
                    ON "orders_order" ("replaces_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_replaces_id_key"
            """,
        ),
    ]
