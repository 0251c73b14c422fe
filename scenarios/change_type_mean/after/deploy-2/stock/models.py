from django.db import models

from stock.base import Numbered


class Item(Numbered):
    price = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    place = models.CharField(max_length=20)

    class Meta:
        db_table = 'stock"."Item list'
        db_table_comment = "What is in the store; prices without tax"
        ordering = ["place"]
        unique_together = [("number", "place")]
        indexes = [
            models.Index(fields=["place"], name="items_by_price_new"),
            models.Index(fields=["price"], name="items_by_price"),
        ]


class Scarce(Item):
    until = models.DateField(null=True)
