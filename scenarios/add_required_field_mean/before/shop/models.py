from django.db import models


def unknown():
    return "unknown"


class Tracked(models.Model):
    """What is sent by a carrier."""

    number = models.CharField("tracking number", db_column="Tracking No", max_length=64, default=unknown)

    class Meta:
        abstract = True


class Parcel(Tracked):
    code = models.SlugField(primary_key=True)

    class Meta:
        db_table = "Parcels (old)"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="Parcels (old)_Tracking No_proof"),
        ]


class Pallet(Tracked):
    note = models.TextField(blank=True)
