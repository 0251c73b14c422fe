from django.db import models


class Place(models.Model):
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "Places"


class Parcel(models.Model):
    customer_number = models.IntegerField(unique=True)
    destination = models.ForeignKey(Place, models.PROTECT, null=True)

    class Meta:
        db_table = 'depot"."Parcels 2009'
