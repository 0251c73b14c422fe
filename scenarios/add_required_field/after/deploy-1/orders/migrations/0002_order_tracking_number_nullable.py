from django.db import migrations, models


# Deploy 1 of 3 of what was 0002_order_tracking_number. Nullable, so that code that does
# not know the column goes on inserting rows.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="tracking_number",
            field=models.CharField(
                blank=True,
                default="",
                max_length=64,
                null=True,
            ),
        ),
    ]
