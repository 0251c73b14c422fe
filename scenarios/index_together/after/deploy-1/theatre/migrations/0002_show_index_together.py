from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('theatre', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shows_House_day_88ac36dc_idx"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Shows_House_day_88ac36dc_idx" ON "Shows"
                        ("House", "day")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shows_House_day_88ac36dc_idx"
            """,
        ),
    ]
