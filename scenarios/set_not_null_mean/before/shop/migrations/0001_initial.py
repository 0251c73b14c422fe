import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Article",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "price",
                    models.DecimalField(
                        db_column="Price €", decimal_places=2, max_digits=8, null=True, verbose_name="price"
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        db_column="Kept by",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "db_table": "Articles",
            },
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "article_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="shop.article",
                    ),
                ),
                ("pages", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "abstract": False,
            },
            bases=("shop.article",),
        ),
    ]
