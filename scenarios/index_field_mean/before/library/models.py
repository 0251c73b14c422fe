from library.listed import Listed
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=80)


class Book(Listed):
    shelf = models.ForeignKey(Shelf, models.CASCADE, db_column="Shelf", db_index=False)

    class Meta:
        db_table = "All Books"
        indexes = [models.Index(fields=["shelf", "title"], name="Books of a shelf")]


class Map(Listed):
    scale = models.IntegerField()
    folded = models.BooleanField(null=True)
