import django.db.models.deletion
from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0001_initial"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "Rooms"
                        ADD COLUMN "annex_id" varchar(12)
                    """,
                    reverse_sql='ALTER TABLE "Rooms" DROP COLUMN "annex_id"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="room",
                    name="annex",
                    field=models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="rooms.room",
                    ),
                ),
            ],
        ),
    ]
