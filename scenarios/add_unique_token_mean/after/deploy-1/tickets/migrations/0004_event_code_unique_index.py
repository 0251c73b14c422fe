from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0003_event_code_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "tickets_event_Code_key"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "tickets_event_Code_key"
                    ON "tickets_event" ("Code")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "tickets_event_Code_key"
            """,
        ),
    ]
