from django.db import models



class House(models.Model):
    name = models.CharField(max_length=80)


class Seated(models.Model):
    show = models.IntegerField(db_column="Show")
    seat = models.IntegerField()
    house = models.ForeignKey(House, models.CASCADE)

    class Meta:
        abstract = True
        unique_together = [("house", "show", "seat")]


class Booking(Seated):
    name = models.CharField(max_length=80)

    class Meta(Seated.Meta):
        abstract = False
        db_table = "Bookings"


class Reservation(Seated):
    until = models.DateTimeField()

    class Meta:
        unique_together = [("house", "show", "seat")]
