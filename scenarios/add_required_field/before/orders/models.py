from django.db import models


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    tracking_number = models.CharField(max_length=64, blank=True, default="")

    def __str__(self):
        return f"{self.email}, {self.placed_at}"
