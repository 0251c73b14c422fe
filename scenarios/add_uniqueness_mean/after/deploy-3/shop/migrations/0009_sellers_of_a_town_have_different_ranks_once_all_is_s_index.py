from django.db import migrations


# Deploy 3 of 3 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0008_seller_unique_together"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
                    ON "Shop sellers" ("rank", "town")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
            """,
        ),
    ]
