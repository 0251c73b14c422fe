from django.db import models


class Label(models.Model):
    text = models.CharField(max_length=40)


class Customer(models.Model):
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    labels = models.ManyToManyField(Label)


class Gold(Customer):
    class Meta:
        proxy = True
