from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("theatre", "0002_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seat",
            name="price",
            field=models.DecimalField(decimal_places=2, default=0, max_digits=8),
        ),
    ]
