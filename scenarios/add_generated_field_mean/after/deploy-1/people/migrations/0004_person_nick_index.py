from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0003_add_person_nick"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "hr"."People_nick_e68b1d9e"
                """,
                """
                    CREATE INDEX CONCURRENTLY "People_nick_e68b1d9e"
                    ON "hr"."People" ("nick")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "hr"."People_nick_e68b1d9e"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "hr"."People_nick_e68b1d9e_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "People_nick_e68b1d9e_like"
                    ON "hr"."People" ("nick" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "hr"."People_nick_e68b1d9e_like"
            """,
        ),
    ]
