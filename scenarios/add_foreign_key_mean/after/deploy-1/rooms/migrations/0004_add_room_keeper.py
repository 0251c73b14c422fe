import django.db.models.deletion
from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0003_room_annex_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "Rooms"
                        ADD COLUMN "Kept By" varchar(12)
                    """,
                    reverse_sql='ALTER TABLE "Rooms" DROP COLUMN "Kept By"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="room",
                    name="keeper",
                    field=models.ForeignKey(
                        db_column="Kept By",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="staff.person",
                        to_field="badge",
                    ),
                ),
            ],
        ),
    ]
