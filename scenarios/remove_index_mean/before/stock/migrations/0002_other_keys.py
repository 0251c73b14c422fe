from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='item',
            name='One unsold of a code',
        ),
        migrations.RemoveConstraint(
            model_name='item',
            name='Code and place',
        ),
        migrations.RemoveConstraint(
            model_name='item',
            name='Count and code',
        ),
        migrations.RemoveConstraint(
            model_name='item',
            name='Not too few',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='Items by place',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='Items by count',
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['place', 'count'], name='Items by place and count'),
        ),
    ]
