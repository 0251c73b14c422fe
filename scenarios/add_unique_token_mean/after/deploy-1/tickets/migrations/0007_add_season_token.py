import uuid

from django.db import migrations, models


# The rows that exist are filled next, in batches, before any code knows the column.
class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0006_backfill_event_code"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "tickets_season"
                        ADD COLUMN "Token" uuid
                    """,
                    reverse_sql='ALTER TABLE "tickets_season" DROP COLUMN "Token"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="season",
                    name="token",
                    field=models.UUIDField(
                        db_column="Token",
                        default=uuid.uuid4,
                        null=True,
                        unique=True,
                    ),
                ),
            ],
        ),
    ]
