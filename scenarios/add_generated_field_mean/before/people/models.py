from django.db import models
from django.db.models.functions import Concat


class Person(models.Model):
    first = models.CharField("first name", db_column="First Name", max_length=60)
    last = models.CharField("last name", db_column="Last Name", max_length=60)

    nick = models.SlugField(null=True)
    full = models.GeneratedField(
        expression=Concat("first", models.Value(" "), "last"),
        output_field=models.CharField(max_length=121),
        db_persist=True,
        db_column="Full Name",
        unique=True,
    )
    born = models.DateField(null=True)

    class Meta:
        db_table = 'hr"."People'
