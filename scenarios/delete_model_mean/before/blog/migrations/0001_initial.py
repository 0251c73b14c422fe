import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL('CREATE SCHEMA IF NOT EXISTS "blog"', migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Colour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('percent', models.IntegerField(db_column='In percent', default=100)),
                ('owner', models.ForeignKey(db_column='Owned By', on_delete=django.db.models.deletion.PROTECT, to='blog.author')),
                ('town', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='labels', to='places.town')),
            ],
            options={
                'db_table': 'blog"."Labels of Posts',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('percent'), name='Name and percent')],
            },
        ),
    ]
