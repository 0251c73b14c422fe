from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_order_currency_and_gift. All code that runs gives the
# column a value: the database need not keep the default.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_order_gift_with_db_default"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="currency",
            field=models.CharField(default="EUR", max_length=3),
        ),
    ]
