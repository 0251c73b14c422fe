from django.db import models


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    currency = models.CharField(max_length=3, default="EUR", db_default="EUR")
    gift = models.BooleanField(default=False, db_default=False)

    def __str__(self):
        return f"{self.email}, {self.placed_at}"
