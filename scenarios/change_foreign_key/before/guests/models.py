from django.db import models


class Account(models.Model):
    email = models.EmailField(unique=True)


class Guest(models.Model):
    name = models.CharField(max_length=40)
