from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_find_items. Built concurrently, so that nobody waits;
# what is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0003_item_name_latest_first"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "warehouse"."Stock items_number_b3177b07"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "Stock items_number_b3177b07" ON
                                "warehouse"."Stock items" ("number")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "warehouse"."Stock items_number_b3177b07"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "warehouse"."Stock items_number_b3177b07_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "Stock items_number_b3177b07_like" ON
                                "warehouse"."Stock items" ("number"
                                varchar_pattern_ops)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "warehouse"."Stock items_number_b3177b07_like"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    "item",
                    "number",
                    models.CharField(max_length=30, db_index=True),
                ),
            ],
        ),
    ]
