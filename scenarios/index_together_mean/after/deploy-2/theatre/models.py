from django.db import models

from theatre.bases import Placed


class Seat(Placed):
    price = models.DecimalField(max_digits=8, decimal_places=2, default=0, null=True)

    class Meta(Placed.Meta):
        db_table = "Seats"
        indexes = [*Placed.Meta.indexes, models.Index(fields=["price", "-row"], name="Seats by price")]


class Box(Placed):
    pass
