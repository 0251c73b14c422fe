from django.db import models


class Order(models.Model):
    number = models.PositiveIntegerField(primary_key=True)
    followers = models.ManyToManyField("people.Person", db_table="Orders followed", related_name="followed")
    packers = models.ManyToManyField("people.Person", through="Packing", related_name="packed")

    class Meta:
        db_table = "Orders"


class Packing(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
    packer = models.ForeignKey("people.Person", models.PROTECT, db_column="Packed by")
    boxes = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "Packings"
        unique_together = [("order", "packer")]
