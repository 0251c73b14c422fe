import django.db.models.functions.text
from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_unique. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_account_name_unique"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "account_email_unique"
                        """,
                        """
                            CREATE UNIQUE INDEX CONCURRENTLY
                                "account_email_unique" ON "accounts_account"
                                ((LOWER("email")))
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "account_email_unique"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="account",
                    constraint=models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="account_email_unique",
                    ),
                ),
            ],
        ),
    ]
