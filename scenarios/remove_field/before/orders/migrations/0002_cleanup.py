from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='order',
            name='legacy_number',
        ),
        migrations.RemoveField(
            model_name='order',
            name='referrer',
        ),
        migrations.RemoveField(
            model_name='order',
            name='remark',
        ),
    ]
