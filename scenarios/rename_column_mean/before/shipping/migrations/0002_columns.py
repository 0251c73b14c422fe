import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="parcel",
            name="customer_number",
            field=models.IntegerField(unique=True),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="destination",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="shipping.place"),
        ),
    ]
