from django.db import models

from parties.base import Taxed


class Party(Taxed):
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "Parties"


class Company(Party):
    legal_form = models.CharField(max_length=10)


class Branch(Company):
    town = models.CharField(max_length=40)
