from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='person',
            name='towns',
        ),
        migrations.RemoveField(
            model_name='person',
            name='friends',
        ),
        migrations.DeleteModel(
            name='Stay',
        ),
    ]
