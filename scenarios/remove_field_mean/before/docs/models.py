from crm.audited import Audited
from django.db import models


class Document(Audited):
    number = models.IntegerField()
    pages = models.IntegerField()

    class Meta:
        db_table = "All Documents"


class Letter(Audited):
    subject = models.CharField(max_length=80)


class Stamp(models.Model):
    text = models.CharField(max_length=80)

    class Meta:
        db_table = 'docs"."Stamp'
