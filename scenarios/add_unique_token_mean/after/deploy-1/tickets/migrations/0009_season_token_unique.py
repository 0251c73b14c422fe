from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_season_token_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "tickets_season"
                    ADD CONSTRAINT "tickets_season_Token_key" UNIQUE
                        USING INDEX "tickets_season_Token_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "tickets_season"
                DROP CONSTRAINT "tickets_season_Token_key"
            """,
        ),
    ]
