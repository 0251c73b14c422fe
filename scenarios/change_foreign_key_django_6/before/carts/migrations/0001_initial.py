import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                (
                    "parent",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_CASCADE, to="carts.cart"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cart", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="carts.cart")),
            ],
            options={
                "db_table": "Cart lines",
            },
        ),
    ]
