from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("rooms", "0002_add_room_annex"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Rooms_annex_id_168e90ce"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Rooms_annex_id_168e90ce"
                    ON "Rooms" ("annex_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Rooms_annex_id_168e90ce"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Rooms_annex_id_168e90ce_like"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Rooms_annex_id_168e90ce_like"
                    ON "Rooms" ("annex_id" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Rooms_annex_id_168e90ce_like"
            """,
        ),
    ]
