from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0016_shelf_traced_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="crate",
            name="wood",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
