from django.db import models


class Code(models.Model):
    text = models.TextField(null=True)
    short = models.CharField(max_length=40, db_index=True)
