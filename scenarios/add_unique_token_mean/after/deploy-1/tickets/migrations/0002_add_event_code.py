import tickets.models
from django.db import migrations, models


# The rows that exist are filled next, in batches, before any code knows the column.
class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "tickets_event"
                        ADD COLUMN "Code" varchar(16)
                    """,
                    reverse_sql='ALTER TABLE "tickets_event" DROP COLUMN "Code"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="event",
                    name="code",
                    field=models.CharField(
                        db_column="Code",
                        default=tickets.models.new_code,
                        max_length=16,
                        null=True,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
            ],
        ),
    ]
