from django.db import models

from parties.base import Taxed


class Party(Taxed):
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "Parties"
        indexes = [models.Index(fields=["name", "-user"], name="Parties by name")]


class Company(Party):
    legal_form = models.CharField(max_length=10)


class Branch(Company):
    town = models.CharField(max_length=40)
