import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='book',
            name='code',
            field=models.CharField(db_column='Code of it', db_index=True, max_length=30),
        ),
        migrations.AlterField(
            model_name='book',
            name='shelf',
            field=models.ForeignKey(db_column='Shelf', db_index=False, on_delete=django.db.models.deletion.CASCADE, to='library.shelf'),
        ),
        migrations.AlterField(
            model_name='book',
            name='title',
            field=models.CharField(db_index=True, max_length=60),
        ),
        migrations.AlterField(
            model_name='map',
            name='code',
            field=models.CharField(db_column='Code of it', db_index=True, max_length=30),
        ),
        migrations.AlterField(
            model_name='map',
            name='title',
            field=models.CharField(db_index=True, max_length=60),
        ),
    ]
