from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Show',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('house', models.IntegerField(db_column='House')),
                ('day', models.DateField()),
                ('title', models.CharField(max_length=80)),
            ],
            options={
                'db_table': 'Shows',
                'index_together': {('title', 'day')},
            },
        ),
    ]
