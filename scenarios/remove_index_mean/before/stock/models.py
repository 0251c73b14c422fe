from django.db import models
from django.db.models.functions import Lower



class Item(models.Model):
    code = models.CharField(max_length=30)
    place = models.CharField(max_length=30)
    count = models.IntegerField(db_column="How Many")
    sold = models.BooleanField(default=False)

    class Meta:
        db_table = "All Items"
        indexes = [models.Index(fields=["place", "count"], name="Items by place and count")]
