from django.db import models


class Person(models.Model):
    badge = models.CharField(max_length=12, unique=True)

    class Meta:
        db_table = 'hr"."People'
