import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hours", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("hours", "&&")], name="closed_once"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["note"], name="Bookings by note"),
        ),
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
