from django.db import models


class Person(models.Model):
    standing = models.CharField(max_length=20)

    class Meta:
        db_table = "People"


class Pass(models.Model):
    session = models.OneToOneField("web.Session", models.CASCADE)
