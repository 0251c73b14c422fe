from django.db import models


class Person(models.Model):
    name = models.CharField(max_length=40)


class Company(Person):
    number = models.CharField(max_length=10)


class Order(models.Model):
    buyer = models.ForeignKey(Company, models.PROTECT)
