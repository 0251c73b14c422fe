import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='House',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('show', models.IntegerField(db_column='Show')),
                ('seat', models.IntegerField()),
                ('name', models.CharField(max_length=80)),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='theatre.house')),
            ],
            options={
                'db_table': 'Bookings',
                'abstract': False,
                'unique_together': {('show', 'seat')},
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('show', models.IntegerField(db_column='Show')),
                ('seat', models.IntegerField()),
                ('until', models.DateTimeField()),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='theatre.house')),
            ],
            options={
                'unique_together': {('show', 'seat')},
            },
        ),
    ]
