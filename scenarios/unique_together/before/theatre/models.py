from django.db import models



class Booking(models.Model):
    show = models.IntegerField()
    seat = models.IntegerField()
    name = models.CharField(max_length=80)

    class Meta:
        unique_together = [("show", "seat")]
