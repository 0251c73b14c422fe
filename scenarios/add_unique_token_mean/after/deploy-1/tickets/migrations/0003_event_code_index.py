from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0002_add_event_code"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "tickets_event_Code_ea140c7a_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "tickets_event_Code_ea140c7a_like"
                    ON "tickets_event" ("Code" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "tickets_event_Code_ea140c7a_like"
            """,
        ),
    ]
