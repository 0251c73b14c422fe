from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('theatre', '0002_lookup'),
    ]

    operations = [
        migrations.AlterUniqueTogether(
            name='booking',
            unique_together={('house', 'show', 'seat')},
        ),
        migrations.AlterUniqueTogether(
            name='reservation',
            unique_together={('house', 'show', 'seat')},
        ),
    ]
