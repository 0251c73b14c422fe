from django.db import models


class Taxed(models.Model):
    vat = models.CharField("VAT id", max_length=30, unique=True)

    class Meta:
        abstract = True
