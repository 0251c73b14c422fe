from django.db import models


class Sensor(models.Model):
    reading = models.BigIntegerField()
