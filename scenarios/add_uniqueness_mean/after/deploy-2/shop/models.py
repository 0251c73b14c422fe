from django.db import models


class Person(models.Model):
    number = models.IntegerField()


class Seller(models.Model):
    vat = models.CharField(max_length=30, unique=True, db_column="VAT id")
    town = models.CharField(max_length=40)
    rank = models.IntegerField(null=True)
    mentor = models.OneToOneField(Person, models.SET_NULL, null=True, related_name="mentors")

    class Meta:
        db_table = "Shop sellers"
        unique_together = {("vat", "town")}
