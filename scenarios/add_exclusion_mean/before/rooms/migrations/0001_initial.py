import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hours", django.contrib.postgres.fields.ranges.DateTimeRangeField(db_column="From-To")),
                ("network", models.GenericIPAddressField(null=True)),
                ("confirmed", models.BooleanField(default=False)),
                ("note", models.CharField(max_length=80)),
            ],
            options={
                "db_table": "Room Bookings",
            },
        ),
    ]
