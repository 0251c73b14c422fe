from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_unique. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_account_name_unique_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "accounts_account"
                            ADD CONSTRAINT "account_name_unique" UNIQUE USING
                                INDEX "account_name_unique"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "accounts_account"
                        DROP CONSTRAINT "account_name_unique"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="account",
                    constraint=models.UniqueConstraint(
                        fields=("tenant", "name"),
                        name="account_name_unique",
                    ),
                ),
            ],
        ),
    ]
