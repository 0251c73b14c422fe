from django.db import models



class Order(models.Model):
    total = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(total__gte=-100000), name="order_total_not_too_low")]
