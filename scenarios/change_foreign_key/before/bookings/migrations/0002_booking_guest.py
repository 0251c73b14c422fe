import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("guests", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="guest",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="guests.guest"),
        ),
    ]
