from django.db import models


class Place(models.Model):
    number = models.IntegerField(unique=True)


class Item(models.Model):
    place = models.ForeignKey("stores.Store", models.PROTECT, to_field="number", db_column="Wo")
    keeper = models.ForeignKey("stores.Store", models.SET_NULL, null=True, db_column="Wer", related_name="kept")

    class Meta:
        db_table = "Stock Items"
