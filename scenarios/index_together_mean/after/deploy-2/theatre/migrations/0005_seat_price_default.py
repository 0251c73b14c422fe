from django.db import migrations, models


# Deploy 2 of 4 of what was 0003_required. New rows get the default; nothing is NOT NULL
# yet.
class Migration(migrations.Migration):
    dependencies = [
        ("theatre", "0004_seats_by_price"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="seat",
                    name="price",
                    field=models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=8,
                        null=True,
                    ),
                ),
            ],
        ),
    ]
