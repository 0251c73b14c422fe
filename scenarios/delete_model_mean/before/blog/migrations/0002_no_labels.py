from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('blog', '0001_initial'),
    ]

    operations = [
        migrations.DeleteModel(
            name='Colour',
        ),
        migrations.DeleteModel(
            name='Label',
        ),
    ]
