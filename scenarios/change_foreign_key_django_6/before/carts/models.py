from django.db import models


class Cart(models.Model):
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True)


class Line(models.Model):
    cart = models.ForeignKey(Cart, models.DB_CASCADE)

    class Meta:
        db_table = "Cart lines"
