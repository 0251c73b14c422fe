from django.db import models


class Group(models.Model):
    code = models.BigIntegerField(primary_key=True)


class Person(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, db_column="Parent")
    groups = models.ManyToManyField(Group)

    class Meta:
        db_table = "People"


class Member(Person):
    since = models.DateField()
