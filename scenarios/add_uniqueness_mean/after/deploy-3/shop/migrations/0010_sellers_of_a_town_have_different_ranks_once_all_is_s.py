from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_unique. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0009_sellers_of_a_town_have_different_ranks_once_all_is_s_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Shop sellers"
                            ADD CONSTRAINT
                                "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
                                UNIQUE USING INDEX
                                "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
                                DEFERRABLE INITIALLY DEFERRED
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Shop sellers"
                        DROP CONSTRAINT
                            "sellers_of_a_town_have_different_ranks_once_all_is_said_and_don"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="seller",
                    constraint=models.UniqueConstraint(
                        deferrable=models.Deferrable.DEFERRED,
                        fields=("rank", "town"),
                        name="sellers_of_a_town_have_different_ranks_once_all_is_said_and_don",
                    ),
                ),
            ],
        ),
    ]
