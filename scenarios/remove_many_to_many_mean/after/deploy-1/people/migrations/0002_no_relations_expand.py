from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_relations.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='person',
            name='towns',
        ),
    ]
