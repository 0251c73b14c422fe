from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0002_not_too_low'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='tax',
            field=models.IntegerField(null=True),
        ),
    ]
