from django.db import migrations


# Deploy 2 of 3 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shop sellers_VAT id_8f25375f_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Shop sellers_VAT id_8f25375f_like" ON
                        "Shop sellers" ("VAT id" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shop sellers_VAT id_8f25375f_like"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shop sellers_VAT id_8f25375f_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Shop sellers_VAT id_8f25375f_uniq"
                    ON "Shop sellers" ("VAT id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shop sellers_VAT id_8f25375f_uniq"
            """,
        ),
    ]
