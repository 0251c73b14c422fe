from django.db import models
from stock.bases import Ranked


class Item(Ranked):
    name = models.CharField("name", db_column="Name", max_length=80, unique=True)

    class Meta:
        db_table = "Stock items"
