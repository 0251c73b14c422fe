from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('docs', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='document',
            name='Old are short',
        ),
        migrations.RemoveIndex(
            model_name='document',
            name='Year and pages',
        ),
        migrations.AlterUniqueTogether(
            name='document',
            unique_together=set(),
        ),
        migrations.RemoveField(
            model_name='letter',
            name='checked_by',
        ),
        migrations.RemoveField(
            model_name='letter',
            name='status',
        ),
        migrations.RemoveField(
            model_name='stamp',
            name='key',
        ),
        migrations.RemoveField(
            model_name='stamp',
            name='size',
        ),
        migrations.RemoveField(
            model_name='document',
            name='checked_by',
        ),
        migrations.RemoveField(
            model_name='document',
            name='status',
        ),
        migrations.RemoveField(
            model_name='document',
            name='year',
        ),
    ]
