from django.db import migrations


# Deploy 3 of 3 of what was 0002_shorter. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("codes", "0010_switch_codes_code_text"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "codes_code_short_1ce8ca9f_like_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "codes_code_short_1ce8ca9f_like_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "codes_code_short_1ce8ca9f_like_old"
                    ON "codes_code" ("short_old" varchar_pattern_ops)
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "codes_code_short_1ce8ca9f_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "codes_code_short_1ce8ca9f_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "codes_code_short_1ce8ca9f_old"
                    ON "codes_code" ("short_old")
                """,
            ],
        ),
    ]
