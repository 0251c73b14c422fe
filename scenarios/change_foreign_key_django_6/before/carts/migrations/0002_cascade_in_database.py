import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="cart",
            name="parent",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="carts.cart"),
        ),
        migrations.AlterField(
            model_name="line",
            name="cart",
            field=models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, to="carts.cart"),
        ),
    ]
