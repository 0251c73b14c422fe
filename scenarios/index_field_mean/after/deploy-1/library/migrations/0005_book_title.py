from django.db import migrations, models


# The column changes by itself; what is built for it comes after.
class Migration(migrations.Migration):
    dependencies = [
        ('library', '0004_book_shelf_not_indexed'),
    ]

    operations = [
        migrations.AlterField(
            model_name='book',
            name='title',
            field=models.CharField(max_length=60),
        ),
    ]
