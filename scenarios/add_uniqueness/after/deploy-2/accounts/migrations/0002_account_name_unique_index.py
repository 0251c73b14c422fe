from django.db import migrations


# Deploy 2 of 2 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "account_name_unique"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "account_name_unique"
                    ON "accounts_account" ("tenant", "name")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "account_name_unique"
            """,
        ),
    ]
