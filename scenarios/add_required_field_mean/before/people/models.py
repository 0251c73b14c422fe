from django.db import models


class Receipt(models.Model):
    parcel = models.ForeignKey("shop.Parcel", models.PROTECT, related_name="receipts")
    signed = models.BooleanField(default=False)
