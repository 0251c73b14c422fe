from django.db import models



class Order(models.Model):
    number = models.IntegerField()
    title = models.CharField(max_length=80)
