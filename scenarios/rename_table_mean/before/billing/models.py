from django.db import models


class Tag(models.Model):
    text = models.CharField(max_length=20)


class Invoice(models.Model):
    number = models.CharField(max_length=20, unique=True, db_column="No")
    corrects = models.ForeignKey("self", models.SET_NULL, null=True)
    tags = models.ManyToManyField(Tag)

    class Meta:
        db_table = "Invoices"
