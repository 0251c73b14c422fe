from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='order',
            name='order_number_unique',
        ),
        migrations.RemoveIndex(
            model_name='order',
            name='order_title',
        ),
    ]
