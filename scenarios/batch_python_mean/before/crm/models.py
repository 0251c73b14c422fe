from django.db import models



class Rate(models.Model):
    code = models.CharField(max_length=3)
