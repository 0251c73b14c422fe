from django.db import migrations


# Deploy 2 of 3 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0003_seller_vat_unique"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shop sellers_mentor_id_28733729_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Shop sellers_mentor_id_28733729_uniq"
                    ON "Shop sellers" ("mentor_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shop sellers_mentor_id_28733729_uniq"
            """,
        ),
    ]
