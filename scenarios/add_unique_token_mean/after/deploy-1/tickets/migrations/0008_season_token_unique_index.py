from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0007_add_season_token"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "tickets_season_Token_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "tickets_season_Token_key"
                    ON "tickets_season" ("Token")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "tickets_season_Token_key"
            """,
        ),
    ]
