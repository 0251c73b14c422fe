from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0006_add_item_rank"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Stock items_Rank_698906ab"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Stock items_Rank_698906ab"
                    ON "Stock items" ("Rank")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Stock items_Rank_698906ab"
            """,
        ),
    ]
