from django.db import models


class Numbered(models.Model):
    number = models.IntegerField(db_column="Item No", db_index=True)

    class Meta:
        abstract = True
