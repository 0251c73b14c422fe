from django.db import models


class Code(models.Model):
    text = models.CharField(max_length=10)
