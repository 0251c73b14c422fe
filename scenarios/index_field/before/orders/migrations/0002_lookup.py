from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='order',
            name='email',
            field=models.CharField(max_length=80),
        ),
        migrations.AlterField(
            model_name='order',
            name='number',
            field=models.IntegerField(db_index=True),
        ),
    ]
