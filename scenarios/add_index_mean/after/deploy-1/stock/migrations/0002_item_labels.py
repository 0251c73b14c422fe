import django.contrib.postgres.indexes as indexes
from django.db import migrations


# Deploy 1 of 2 of what was 0002_find_items. Built concurrently, so that nobody waits;
# what is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0001_initial"),
    ]

    operations = [
        # Written rarely, read all the time.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "warehouse"."Item labels"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY "Item labels" ON
                                "warehouse"."Stock items" USING gin ("labels")
                                WITH (fastupdate = off)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "warehouse"."Item labels"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "item",
                    indexes.GinIndex(
                        fields=["labels"],
                        name="Item labels",
                        fastupdate=False,
                    ),
                ),
            ],
        ),
    ]
