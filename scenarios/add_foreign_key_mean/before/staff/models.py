from django.db import models


class Person(models.Model):
    badge = models.CharField("badge", db_column="Badge No", max_length=12, unique=True)

    class Meta:
        db_table = 'hr"."People'


class Guard(Person):
    armed = models.BooleanField(default=False)
    post = models.OneToOneField("rooms.Room", models.PROTECT, null=True, related_name="guarded_by")
