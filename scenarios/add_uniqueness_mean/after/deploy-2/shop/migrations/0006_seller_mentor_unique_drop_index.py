from django.db import migrations


# Deploy 2 of 3 of what was 0002_unique. Dropped concurrently, so that nobody waits; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0005_seller_mentor_unique"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shop sellers_mentor_id_28733729"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shop sellers_mentor_id_28733729"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Shop sellers_mentor_id_28733729"
                    ON "Shop sellers" ("mentor_id")
                """,
            ],
        ),
    ]
