from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_totals'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='tip',
            field=models.IntegerField(null=True),
        ),
    ]
