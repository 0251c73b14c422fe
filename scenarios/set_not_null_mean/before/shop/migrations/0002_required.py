import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="article",
            name="keeper",
            field=models.ForeignKey(
                db_column="Kept by",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="kept",
                to="people.person",
            ),
        ),
        migrations.AlterField(
            model_name="article",
            name="price",
            field=models.DecimalField(
                db_column="Price €", decimal_places=2, default=0, max_digits=8, verbose_name="price"
            ),
            preserve_default=False,  # what has no price is free
        ),
        migrations.AlterField(
            model_name="book",
            name="pages",
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
