from django.db import models

from theatre.bases import Placed


class Seat(Placed):
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta(Placed.Meta):
        db_table = "Seats"
        indexes = [*Placed.Meta.indexes]
        index_together = [("price", "row")]


class Box(Placed):
    pass
