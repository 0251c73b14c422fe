from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower


class Item(models.Model):
    name = models.CharField(max_length=80, db_column="Item name")
    number = models.CharField(max_length=30, db_index=True)
    labels = models.JSONField(default=dict)
    sold = models.DateField(null=True)

    class Meta:
        db_table = 'warehouse"."Stock items'
        indexes = [
            GinIndex(fields=["labels"], name="Item labels", fastupdate=False),
            models.Index(Lower("name"), F("sold").desc(), name="Item name, latest first"),
        ]


class Reading(models.Model):
    id = models.BigIntegerField(primary_key=True)
    day = models.DateField()
    sensor = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["sensor", "day"], name="reading_sensor_day")]
