from django.db import models


class Campaign(models.Model):
    name = models.CharField(max_length=80)


class Order(models.Model):
    email = models.EmailField()
    placed_at = models.DateTimeField(auto_now_add=True)
    campaigns = models.ManyToManyField(Campaign, related_name="orders")
