from django.db import models


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="orders")
    replaces = models.OneToOneField("self", models.SET_NULL, null=True, related_name="replaced_by")

    def __str__(self):
        return f"{self.email}, {self.placed_at}"
