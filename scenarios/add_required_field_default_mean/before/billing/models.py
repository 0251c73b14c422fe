from django.db import models


class Rent(models.Model):
    box = models.ForeignKey("archive.Box", models.PROTECT, related_name="rents")
    paid = models.BooleanField(default=False)
