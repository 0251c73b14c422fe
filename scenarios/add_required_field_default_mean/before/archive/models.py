from archive.bases import Traced
from django.db import models


class Box(Traced):
    label = models.CharField(max_length=80)

    class Meta:
        db_table = 'archive"."Old boxes'


class Crate(Box):
    """A box made of wood."""

    wood = models.CharField(max_length=20, blank=True)


class Shelf(Traced):
    row = models.PositiveSmallIntegerField()
