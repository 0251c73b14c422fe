from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("staff", "0003_guard_post_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "staff_guard_post_id_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "staff_guard_post_id_key"
                    ON "staff_guard" ("post_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "staff_guard_post_id_key"
            """,
        ),
    ]
