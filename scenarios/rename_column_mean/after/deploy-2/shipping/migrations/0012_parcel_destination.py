import django.db.models.deletion
from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_columns. Code of this release knows destination_id
# only, code of the one before Ship-To: both are there.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0011_parcel_customer_number"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="parcel",
                    name="destination",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="shipping.place",
                    ),
                ),
            ],
        ),
    ]
