import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SCHEMA stock", "DROP SCHEMA stock"),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField(db_column="Item No", db_index=True)),
                ("price", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                ("place", models.CharField(max_length=20)),
            ],
            options={
                "db_table": 'stock"."Item list',
            },
        ),
        migrations.CreateModel(
            name="Scarce",
            fields=[
                (
                    "item_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="stock.item",
                    ),
                ),
                ("until", models.DateField(null=True)),
            ],
            options={
                "abstract": False,
            },
            bases=("stock.item",),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["place"], name="items_by_price_new"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["price"], name="items_by_price"),
        ),
        migrations.AlterUniqueTogether(
            name="item",
            unique_together={("number", "place")},
        ),
    ]
