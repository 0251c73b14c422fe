from django.db import models
from django.db.models import Q


class Order(models.Model):
    total = models.DecimalField(max_digits=9, decimal_places=2)
    pieces = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative")]
