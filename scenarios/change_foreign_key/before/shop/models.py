from django.db import models


class Person(models.Model):
    name = models.CharField(max_length=40)


class Company(models.Model):
    name = models.CharField(max_length=40)


class Order(models.Model):
    buyer = models.ForeignKey(Company, models.PROTECT)
