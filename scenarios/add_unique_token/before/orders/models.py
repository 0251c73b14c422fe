import uuid

from django.db import models


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, null=True)

    def __str__(self):
        return f"{self.email}, {self.placed_at}"
