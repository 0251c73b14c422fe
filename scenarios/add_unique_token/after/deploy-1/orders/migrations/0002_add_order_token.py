import uuid

from django.db import migrations, models


# The rows that exist are filled next, in batches, before any code knows the column.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql='ALTER TABLE "orders_order" ADD COLUMN "token" uuid',
                    reverse_sql='ALTER TABLE "orders_order" DROP COLUMN "token"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="token",
                    field=models.UUIDField(
                        default=uuid.uuid4,
                        null=True,
                        unique=True,
                    ),
                ),
            ],
        ),
    ]
