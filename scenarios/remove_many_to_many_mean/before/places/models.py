from django.db import models



class Town(models.Model):
    name = models.CharField(max_length=80)
