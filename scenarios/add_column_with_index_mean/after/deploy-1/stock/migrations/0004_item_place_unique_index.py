from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0003_item_place_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Stock items_Place_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Stock items_Place_key"
                    ON "Stock items" ("Place")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Stock items_Place_key"
            """,
        ),
    ]
