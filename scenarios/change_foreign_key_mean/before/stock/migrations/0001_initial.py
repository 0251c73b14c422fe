import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "keeper",
                    models.ForeignKey(
                        db_column="Wer",
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="kept",
                        to="stores.store",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(db_column="Wo", on_delete=django.db.models.deletion.PROTECT, to="stores.shop"),
                ),
            ],
            options={
                "db_table": "Stock Items",
            },
        ),
    ]
