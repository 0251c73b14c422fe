from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0002_traced"),
    ]

    operations = [
        migrations.AlterField(
            model_name="crate",
            name="wood",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
