from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0002_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='map',
            name='folded',
            field=models.BooleanField(null=True),
        ),
    ]
