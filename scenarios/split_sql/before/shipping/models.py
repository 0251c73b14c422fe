from django.db import models


class Parcel(models.Model):
    code = models.CharField(max_length=20)
    weight = models.PositiveIntegerField(null=True)
    fee = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["weight"], name="parcel_weight")]
