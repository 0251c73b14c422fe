from django.db import migrations


# Deploy 2 of 3 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0006_seller_mentor_unique_drop_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Shop sellers_VAT id_town_04c0b138_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Shop sellers_VAT id_town_04c0b138_uniq"
                    ON "Shop sellers" ("VAT id", "town")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Shop sellers_VAT id_town_04c0b138_uniq"
            """,
        ),
    ]
