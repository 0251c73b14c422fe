from django.db import models



class Order(models.Model):
    total = models.IntegerField(db_column="Total")
    tax = models.IntegerField(null=True)
    tip = models.IntegerField(null=True)

    class Meta:
        db_table = "All Orders"
        constraints = [
            models.CheckConstraint(condition=models.Q(total__gte=-100000), name="Not too low"),
            models.CheckConstraint(condition=models.Q(tax__isnull=True) | models.Q(tax__gte=-100000), name="Tax's sign"),
        ]
