from django.db import models


class Item(models.Model):
    place = models.ForeignKey("stores.Store", models.PROTECT, db_column="Wo")
    keeper = models.ForeignKey("stores.Store", models.SET_NULL, null=True, db_column="Wer", related_name="kept")

    class Meta:
        db_table = "Stock Items"
