from django.db import models


class Store(models.Model):
    number = models.IntegerField(unique=True)

    class Meta:
        db_table = "Stores"


class Shop(Store):
    street = models.CharField(max_length=40)
