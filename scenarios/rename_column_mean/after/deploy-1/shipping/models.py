from django.db import models


class Place(models.Model):
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "Places"


class Parcel(models.Model):
    customer_number = models.IntegerField(unique=True, db_column="Cust No")
    destination = models.ForeignKey(Place, models.PROTECT, null=True, db_column="Ship-To")

    class Meta:
        db_table = 'depot"."Parcels 2009'
