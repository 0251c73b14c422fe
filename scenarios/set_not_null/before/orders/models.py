from django.db import models


class Order(models.Model):
    email = models.EmailField()
    note = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField(auto_now_add=True)
