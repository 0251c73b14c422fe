from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0007_validate_tax_s_sign'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='tip',
            field=models.IntegerField(null=True),
        ),
    ]
