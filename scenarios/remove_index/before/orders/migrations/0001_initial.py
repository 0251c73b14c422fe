from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('title', models.CharField(max_length=80)),
            ],
            options={
                'indexes': [models.Index(fields=['title'], name='order_title')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('number__gt', 0)), fields=('number',), name='order_number_unique')],
            },
        ),
    ]
