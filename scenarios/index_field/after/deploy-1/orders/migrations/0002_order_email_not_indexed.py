from django.db import migrations, models


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
                            "orders_order_email_79665695"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "orders_order_email_79665695"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "orders_order_email_79665695"
                            ON "orders_order" ("email")
                        """,
                    ],
                ),
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "orders_order_email_79665695_like"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "orders_order_email_79665695_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "orders_order_email_79665695_like"
                            ON "orders_order" ("email" varchar_pattern_ops)
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='order',
                    name='email',
                    field=models.CharField(max_length=80),
                ),
            ],
        ),
    ]
