from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sensors", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="sensor",
            name="reading",
            field=models.BigIntegerField(),
        ),
    ]
