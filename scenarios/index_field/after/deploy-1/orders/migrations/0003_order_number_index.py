from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('orders', '0002_order_email_not_indexed'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "orders_order_number_abc9e0f2"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "orders_order_number_abc9e0f2" ON
                                "orders_order" ("number")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "orders_order_number_abc9e0f2"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='order',
                    name='number',
                    field=models.IntegerField(db_index=True),
                ),
            ],
        ),
    ]
