from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL('CREATE SCHEMA IF NOT EXISTS "depot"', migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Crate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('fill', models.IntegerField(db_column='How Full', null=True)),
                ('colour', models.CharField(max_length=20, null=True)),
            ],
            options={
                'db_table': 'depot"."All Crates',
            },
        ),
    ]
