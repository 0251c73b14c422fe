from django.db import migrations


# Dropped concurrently, so that nobody waits; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "order_number_unique"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "order_number_unique"
                        """,
                        """
                            CREATE UNIQUE INDEX CONCURRENTLY
                                "order_number_unique"
                            ON "orders_order" ("number")
                            WHERE number > 0
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(
                    model_name='order',
                    name='order_number_unique',
                ),
            ],
        ),
    ]
