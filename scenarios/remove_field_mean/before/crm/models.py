from django.db import models



class Person(models.Model):
    name = models.CharField(max_length=80)
    letter = models.ForeignKey("docs.Letter", models.SET_NULL, null=True, related_name="+")
