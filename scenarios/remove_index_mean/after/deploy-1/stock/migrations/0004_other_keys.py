from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('stock', '0003_remove_code_and_place'),
    ]

    operations = [
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
    ]
