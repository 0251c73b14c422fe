from django.db import models


class Order(models.Model):
    reference = models.CharField(max_length=20, db_column="ref")
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["reference"]
        indexes = [models.Index(fields=["reference"], name="order_ref")]
