from django.db import models



class Session(models.Model):
    owner = models.CharField(max_length=80, null=True)
    status = models.CharField(max_length=20, null=True)
