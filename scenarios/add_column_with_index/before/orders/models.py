from django.db import models


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    warehouse = models.SlugField(null=True)
    weight = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=40, null=True, unique=True)

    def __str__(self):
        return f"{self.email}, {self.placed_at}"
