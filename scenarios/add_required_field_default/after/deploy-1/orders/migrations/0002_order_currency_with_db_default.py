from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_order_currency_and_gift. The database keeps the
# default: code that does not know the column goes on inserting rows.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="currency",
            field=models.CharField(
                default="EUR",
                max_length=3,
                db_default="EUR",
            ),
        ),
    ]
