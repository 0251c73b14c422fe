from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models



class Booking(models.Model):
    hours = DateTimeRangeField()
    note = models.CharField(max_length=80)

    class Meta:
        constraints = [ExclusionConstraint(name="booked_once", expressions=[("hours", RangeOperators.OVERLAPS)])]
