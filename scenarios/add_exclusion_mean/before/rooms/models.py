from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, Q


class Booking(models.Model):
    hours = DateTimeRangeField(db_column="From-To")
    network = models.GenericIPAddressField(null=True)
    confirmed = models.BooleanField(default=False)
    note = models.CharField(max_length=80)

    class Meta:
        db_table = "Room Bookings"
        constraints = [
            ExclusionConstraint(
                name="One at a time",
                expressions=[("hours", RangeOperators.OVERLAPS)],
                condition=Q(confirmed=True),
                deferrable=Deferrable.DEFERRED,
            ),
        ]
        indexes = [models.Index(fields=["note"], name="Bookings by note")]


class Closure(models.Model):
    hours = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(name="closed_once", expressions=[("hours", RangeOperators.OVERLAPS)]),
        ]
