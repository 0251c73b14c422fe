from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_columns. Code of this release knows customer_number
# only, code of the one before Cust No: both are there.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0010_parcel_customer_number_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="parcel",
                    name="customer_number",
                    field=models.IntegerField(unique=True),
                ),
            ],
        ),
    ]
