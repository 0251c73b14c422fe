from django.db import models


class Priced(models.Model):
    """What costs something."""

    price = models.DecimalField("price", db_column="Price €", max_digits=8, decimal_places=2)

    class Meta:
        abstract = True
