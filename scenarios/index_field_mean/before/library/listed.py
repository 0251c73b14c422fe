from django.db import models



class Listed(models.Model):
    code = models.CharField(max_length=30, db_column="Code of it", db_index=True)
    title = models.CharField(max_length=60, db_index=True)
    place = models.IntegerField(unique=True)

    class Meta:
        abstract = True
