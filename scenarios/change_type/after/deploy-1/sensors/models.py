from django.db import models


class Sensor(models.Model):
    name = models.CharField(max_length=40)
    reading = models.IntegerField()
