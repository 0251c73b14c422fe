from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_order_currency_and_gift. The database keeps the
# default: code that does not know the column goes on inserting rows.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_order_currency_with_db_default"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="gift",
            field=models.BooleanField(default=False, db_default=False),
        ),
    ]
