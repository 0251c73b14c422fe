from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('theatre', '0001_initial'),
    ]

    operations = [
        migrations.AlterIndexTogether(
            name='show',
            index_together={('house', 'day')},
        ),
    ]
