import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Store",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField(unique=True)),
            ],
            options={
                "db_table": "Stores",
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                (
                    "store_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="stores.store",
                    ),
                ),
                ("street", models.CharField(max_length=40)),
            ],
            bases=("stores.store",),
        ),
    ]
