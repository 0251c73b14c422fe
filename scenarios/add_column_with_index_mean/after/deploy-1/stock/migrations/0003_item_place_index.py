from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0002_add_item_place"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Stock items_Place_df7bcf9f_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Stock items_Place_df7bcf9f_like"
                    ON "Stock items" ("Place" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Stock items_Place_df7bcf9f_like"
            """,
        ),
    ]
