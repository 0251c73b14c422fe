from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("staff", "0002_add_guard_post"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "staff_guard_post_id_bc050134_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "staff_guard_post_id_bc050134_like"
                    ON "staff_guard" ("post_id" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "staff_guard_post_id_bc050134_like"
            """,
        ),
    ]
