from django.db import models



class Product(models.Model):
    name = models.CharField(max_length=80)
    price = models.IntegerField(db_column="Net Price")
    gross = models.IntegerField(null=True)
    old = models.BooleanField(default=False)
    note = models.CharField(max_length=80, null=True)

    class Meta:
        db_table = "All Products"
