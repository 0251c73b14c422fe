from django.db import models


class Taxed(models.Model):
    user = models.CharField("VAT id", max_length=30, unique=True)

    class Meta:
        abstract = True
