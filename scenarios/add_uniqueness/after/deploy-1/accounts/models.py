from django.db import models
from django.db.models.functions import Lower


class Account(models.Model):
    tenant = models.IntegerField()
    name = models.CharField(max_length=60)
    email = models.EmailField()
