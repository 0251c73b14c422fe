from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("rooms", "0004_add_room_keeper"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Rooms_Kept By_25350a07"
                """,
                """
                    CREATE INDEX CONCURRENTLY "Rooms_Kept By_25350a07"
                    ON "Rooms" ("Kept By")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Rooms_Kept By_25350a07"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Rooms_Kept By_25350a07_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Rooms_Kept By_25350a07_like"
                    ON "Rooms" ("Kept By" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Rooms_Kept By_25350a07_like"
            """,
        ),
    ]
