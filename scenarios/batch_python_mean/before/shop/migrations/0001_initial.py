from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('price', models.IntegerField(db_column='Net Price')),
                ('gross', models.IntegerField(null=True)),
                ('old', models.BooleanField(default=False)),
                ('note', models.CharField(max_length=80, null=True)),
            ],
            options={
                'db_table': 'All Products',
            },
        ),
    ]
