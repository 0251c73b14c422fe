from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0009_map_title_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='map',
            name='folded',
            field=models.BooleanField(null=True),
        ),
    ]
