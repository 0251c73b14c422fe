from django.db import models


class Voucher(models.Model):
    code = models.CharField(max_length=20)


class Cart(models.Model):
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True)


class Line(models.Model):
    cart = models.ForeignKey(Cart, models.DB_CASCADE)
    voucher = models.ForeignKey(Voucher, models.DB_SET_NULL, null=True)

    class Meta:
        db_table = "Cart lines"
