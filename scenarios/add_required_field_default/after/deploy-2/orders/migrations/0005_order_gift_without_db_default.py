from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_order_currency_and_gift. All code that runs gives the
# column a value: the database need not keep the default.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_order_currency_without_db_default"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="gift",
            field=models.BooleanField(default=False),
        ),
    ]
