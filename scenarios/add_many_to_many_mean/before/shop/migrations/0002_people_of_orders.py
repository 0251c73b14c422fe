import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="followers",
            field=models.ManyToManyField(
                db_table="Orders followed", related_name="followed", to="people.person"
            ),
        ),
        migrations.CreateModel(
            name="Packing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("boxes", models.PositiveSmallIntegerField(default=1)),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shop.order")),
                (
                    "packer",
                    models.ForeignKey(
                        db_column="Packed by", on_delete=django.db.models.deletion.PROTECT, to="people.person"
                    ),
                ),
            ],
            options={
                "db_table": "Packings",
                "unique_together": {("order", "packer")},
            },
        ),
        migrations.AddField(
            model_name="order",
            name="packers",
            field=models.ManyToManyField(related_name="packed", through="shop.Packing", to="people.person"),
        ),
    ]
