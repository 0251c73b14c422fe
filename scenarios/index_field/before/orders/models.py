from django.db import models



class Order(models.Model):
    number = models.IntegerField(db_index=True)
    email = models.CharField(max_length=80)
