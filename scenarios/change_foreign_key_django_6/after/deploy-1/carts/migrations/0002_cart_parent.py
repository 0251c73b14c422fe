import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_cascade_in_database. Code does itself what the foreign
# key has done so far.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="cart",
                    name="parent",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="carts.cart",
                    ),
                ),
            ],
        ),
    ]
