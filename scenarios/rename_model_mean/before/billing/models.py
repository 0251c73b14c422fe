from django.db import models


class Bill(models.Model):
    client = models.ForeignKey("crm.Customer", models.PROTECT)
    total = models.DecimalField(max_digits=8, decimal_places=2)
