import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL('CREATE SCHEMA IF NOT EXISTS "docs"', migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Stamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=80)),
                ('size', models.IntegerField(db_column='Size in cm', default=3)),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
            ],
            options={
                'db_table': 'docs"."Stamp',
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('status', models.CharField(db_index=True, default='new', max_length=20)),
                ('subject', models.CharField(max_length=80)),
                ('checked_by', models.ForeignKey(db_column='Checked By', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.person')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('status', models.CharField(db_index=True, default='new', max_length=20)),
                ('number', models.IntegerField()),
                ('year', models.IntegerField(db_column='Year')),
                ('pages', models.IntegerField()),
                ('checked_by', models.ForeignKey(db_column='Checked By', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.person')),
            ],
            options={
                'db_table': 'All Documents',
                'indexes': [models.Index(fields=['year', 'pages'], name='Year and pages')],
                'constraints': [models.CheckConstraint(condition=models.Q(('year__gt', 1900), ('pages__lt', 10), _connector='OR'), name='Old are short')],
                'unique_together': {('number', 'year')},
            },
        ),
    ]
