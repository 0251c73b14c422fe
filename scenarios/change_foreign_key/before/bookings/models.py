from django.db import models


class Booking(models.Model):
    guest = models.ForeignKey("guests.Guest", models.PROTECT)
    night = models.DateField()
