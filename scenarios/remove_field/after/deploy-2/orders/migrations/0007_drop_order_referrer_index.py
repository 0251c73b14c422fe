from django.db import migrations


# Deploy 2 of 2 of what was 0002_cleanup. Before referrer_id goes, so that nobody waits
# on the way back either.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('orders', '0006_drop_order_referrer_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "orders_order_referrer_id_1171b51d"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "orders_order_referrer_id_1171b51d"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "orders_order_referrer_id_1171b51d"
                    ON "orders_order" ("referrer_id")
                """,
            ],
        ),
    ]
