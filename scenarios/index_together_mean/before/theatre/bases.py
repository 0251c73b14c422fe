from django.db import models


class Placed(models.Model):
    row = models.IntegerField(db_column="Row")
    number = models.IntegerField()

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["row", "number"], name="%(class)s_place")]
