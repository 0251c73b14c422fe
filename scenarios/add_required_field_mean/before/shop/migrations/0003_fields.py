from django.db import migrations, models

import shop.models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_squashed_0002_pallet"),
    ]

    operations = [
        # Carriers ask for it since March.
        migrations.AddField(
            model_name="parcel",
            name="number",
            field=models.CharField(
                db_column="Tracking No", default=shop.models.unknown, max_length=64, verbose_name="tracking number"
            ),
        ),
        migrations.AddField(
            model_name="pallet",
            name="number",
            field=models.CharField(
                db_column="Tracking No", default=shop.models.unknown, max_length=64, verbose_name="tracking number"
            ),
        ),
    ]
