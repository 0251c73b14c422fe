import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Map',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_column='Code of it', max_length=30)),
                ('title', models.CharField(max_length=30)),
                ('place', models.IntegerField(unique=True)),
                ('scale', models.IntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Shelf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Book',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_column='Code of it', max_length=30)),
                ('title', models.CharField(max_length=30)),
                ('place', models.IntegerField(unique=True)),
                ('shelf', models.ForeignKey(db_column='Shelf', on_delete=django.db.models.deletion.CASCADE, to='library.shelf')),
            ],
            options={
                'db_table': 'All Books',
                'indexes': [models.Index(fields=['shelf', 'title'], name='Books of a shelf')],
            },
        ),
    ]
