from django.db import models



class Customer(models.Model):
    name = models.CharField(max_length=80)


class Order(models.Model):
    title = models.CharField(max_length=80)
    placed_at = models.DateTimeField(db_index=True)
