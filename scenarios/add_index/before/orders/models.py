from django.db import models


class Order(models.Model):
    email = models.EmailField()

    class Meta:
        indexes = [models.Index(fields=["email"], name="order_email_idx")]
