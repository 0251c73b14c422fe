import django.db.models.deletion
from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0007_validate_room_keeper_foreign_key"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "staff_guard"
                        ADD COLUMN "post_id" varchar(12)
                    """,
                    reverse_sql='ALTER TABLE "staff_guard" DROP COLUMN "post_id"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="guard",
                    name="post",
                    field=models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarded_by",
                        to="rooms.room",
                    ),
                ),
            ],
        ),
    ]
