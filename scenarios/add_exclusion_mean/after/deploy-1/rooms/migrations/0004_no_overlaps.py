import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0003_bookings_by_note"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="booking",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("confirmed", True)),
                deferrable=models.Deferrable["DEFERRED"],
                expressions=[("hours", "&&")],
                name="One at a time",
            ),
        ),
        migrations.RunSQL(
            """ALTER TABLE "Room Bookings" ADD CONSTRAINT "One network" EXCLUDE USING gist (network inet_ops WITH &&)""",
            """ALTER TABLE "Room Bookings" DROP CONSTRAINT "One network\"""",
        ),
    ]
