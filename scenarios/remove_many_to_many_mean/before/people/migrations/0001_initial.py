import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL('CREATE SCHEMA IF NOT EXISTS "people"', migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('friends', models.ManyToManyField(db_table='people"."Friends of People', to='people.person')),
            ],
            options={
                'db_table': 'people"."Person',
            },
        ),
        migrations.CreateModel(
            name='Stay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.IntegerField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.person')),
                ('town', models.ForeignKey(db_column='Town', on_delete=django.db.models.deletion.CASCADE, to='places.town')),
            ],
            options={
                'unique_together': {('person', 'town')},
            },
        ),
        migrations.AddField(
            model_name='person',
            name='towns',
            field=models.ManyToManyField(related_name='people', through='people.Stay', to='places.town'),
        ),
    ]
