from django.db import migrations


# Deploy 1 of 3 of what was 0002_shorter. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0003_fill_codes_code_short_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "codes_code_short_1ce8ca9f_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "codes_code_short_1ce8ca9f_new"
                    ON "codes_code" ("short_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "codes_code_short_1ce8ca9f_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "codes_code_short_1ce8ca9f_like_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "codes_code_short_1ce8ca9f_like_new"
                    ON "codes_code" ("short_new" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "codes_code_short_1ce8ca9f_like_new"
            """,
        ),
    ]
