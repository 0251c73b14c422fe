from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="campaigns",
            field=models.ManyToManyField(related_name="orders", to="orders.campaign"),
        ),
    ]
