from django.db import migrations, models


# The column changes by itself; what is built for it comes after.
class Migration(migrations.Migration):
    dependencies = [
        ('library', '0007_map_code_index'),
    ]

    operations = [
        migrations.AlterField(
            model_name='map',
            name='title',
            field=models.CharField(max_length=60),
        ),
    ]
