from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40)


class Order(models.Model):
    client = models.ForeignKey(Customer, models.CASCADE)
