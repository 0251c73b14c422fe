from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="code",
            name="text",
            field=models.CharField(max_length=10),
        ),
    ]
