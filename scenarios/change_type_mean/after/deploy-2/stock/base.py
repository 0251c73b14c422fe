from django.db import models


class Numbered(models.Model):
    number = models.BigIntegerField(db_column="Item No", db_index=True)

    class Meta:
        abstract = True
