from django.db import models


class Code(models.Model):
    text = models.CharField(max_length=10, null=True)
    short = models.CharField(max_length=12, db_index=True)
